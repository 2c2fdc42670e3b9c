import type { FieldType } from '../field-type.ts'
import { sameText, textSchema } from './text.ts'

/** Text that is encrypted at rest and never shown. */
export const secretType: FieldType = {
  name: 'secret',
  column: 'text',
  schema: textSchema,
  fromText: sameText,
  isOrdered: false,
  widget: 'password',
  typescript: () => 'string',
}
