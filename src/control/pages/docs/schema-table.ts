import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { html, type Markup } from '../markup.ts'
import { table } from './docs-page.ts'

const mostDepth = 3

/** What a `$ref` within a document leads to; the value itself where it is none, undefined where it leads nowhere. */
export function resolved(document: JsonObject, value: unknown, depth = 0): JsonObject | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const reference = (value as JsonObject)['$ref']
  if (typeof reference !== 'string') return value as JsonObject
  if (!reference.startsWith('#/') || depth > 8) return undefined
  let found: unknown = document
  for (const step of reference.slice(2).split('/'))
    found = (found as JsonObject | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  return resolved(document, found, depth + 1)
}

/** The fields of an object as a table, those of objects within it as `outer.inner`; one line for anything else. */
export function schemaTable(document: JsonObject, schema: unknown): Markup | undefined {
  const rows = fieldRows(document, schema, '', 0)
  if (rows.length > 0) return table(['Field', 'Type', ''], rows)
  const type = typeText(document, schema)
  return type === '' ? undefined : html`<p><code>${type}</code></p>`
}

function fieldRows(
  document: JsonObject,
  schema: unknown,
  before: string,
  depth: number,
): (readonly (string | Markup)[])[] {
  const own = resolved(document, schema)
  const properties = own?.['properties']
  if (typeof properties !== 'object' || properties === null || depth > mostDepth) return []
  const required = Array.isArray(own?.['required']) ? own['required'] : []
  return Object.entries(properties).flatMap(([name, value]) => {
    const field = resolved(document, value) ?? {}
    const items = resolved(document, field['items'])
    const path = `${before}${name}`
    const below = items === undefined ? '' : '[]'
    return [
      [
        html`<code>${path}</code>`,
        typeText(document, value),
        wordsOf(field, required.includes(name)),
      ] as const,
      ...fieldRows(document, items ?? field, `${path}${below}.`, depth + 1),
    ]
  })
}

function wordsOf(field: JsonObject, isRequired: boolean): string {
  const limits = [
    field['maxLength'] === undefined ? '' : `at most ${field['maxLength']} characters`,
    field['minimum'] === undefined ? '' : `at least ${field['minimum']}`,
    field['maximum'] === undefined ? '' : `at most ${field['maximum']}`,
  ].filter((one) => one !== '')
  const description = typeof field['description'] === 'string' ? field['description'] : ''
  return [isRequired ? 'Required' : '', description, ...limits].filter((one) => one !== '').join('. ')
}

function typeText(document: JsonObject, value: unknown): string {
  const schema = resolved(document, value)
  if (schema === undefined) return ''
  const { const: constant, enum: values, type, items, format, anyOf, oneOf } = schema
  if (constant !== undefined) return JSON.stringify(constant)
  if (Array.isArray(values)) return values.map((one) => JSON.stringify(one)).join(' | ')
  const choices = anyOf ?? oneOf
  if (Array.isArray(choices)) return choices.map((one) => typeText(document, one)).join(' or ')
  if (type === 'array') return `list of ${typeText(document, items) || 'anything'}`
  const plain = Array.isArray(type) ? type.join(' or ') : String(type ?? '')
  return typeof format === 'string' ? `${plain} (${format})` : plain
}
