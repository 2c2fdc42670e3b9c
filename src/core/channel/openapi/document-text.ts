import { stringify } from 'yaml'
import type { JsonObject } from './json-schema.ts'

/** A document as JSON or YAML; both say the same. */
export const documentText = (document: JsonObject, form: 'json' | 'yaml'): string =>
  form === 'json'
    ? JSON.stringify(document)
    : stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })
