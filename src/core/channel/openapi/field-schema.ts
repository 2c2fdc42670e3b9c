import type { Field } from '../../schema/module.ts'
import { defined, type JsonObject } from './json-schema.ts'

/** True for fields that answers show. */
export const isReadable = (field: Field): boolean =>
  !field.isInternal && !field.isWriteOnly && field.type.name !== 'secret'

/** True for fields that a caller may give. */
export const isGivable = (field: Field): boolean =>
  !field.isImplicit && !field.isInternal && !field.isInternalWrite

const hasDefault = (field: Field): boolean => field.default !== undefined && field.default !== null

/** What the type and its bounds say, without null. */
function valueSchema(field: Field): JsonObject {
  const { min, max, pattern } = field
  const text = { type: 'string', minLength: min, maxLength: max, pattern: pattern?.source }
  switch (field.type.name) {
    case 'bool':
      return { type: 'boolean' }
    case 'int':
      return { type: 'integer', format: 'int64', minimum: min, maximum: max }
    case 'enum':
      return { type: 'string', enum: field.values }
    case 'json':
      return { type: ['object', 'array'] }
    case 'timestamp':
      return { type: 'string', format: 'date-time' }
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64' }
    case 'email':
      return { ...text, format: 'email' }
    case 'ref':
      return { type: 'string', 'x-apigate-ref': field.to }
    default:
      return text
  }
}

function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values } = schema
  return {
    ...schema,
    type: [...(Array.isArray(type) ? type : [type]), 'null'],
    ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
  }
}

/** A field as answers show it. */
export function readSchema(field: Field): JsonObject {
  const isAlwaysThere = (field.isRequired || hasDefault(field)) && field.onDelete !== 'set_null'
  const { minLength: _least, maxLength: _most, pattern: _pattern, ...value } = valueSchema(field)
  return defined({
    ...(isAlwaysThere ? value : orNull(value)),
    description: describe(field),
    readOnly: field.isImplicit || field.isInternalWrite ? true : undefined,
  })
}

/** A field as it is given to an action; null puts the default back, or empties what has none. */
export function inputSchema(field: Field): JsonObject {
  const value = valueSchema(field)
  const isWriteOnly = field.isWriteOnly || field.type.name === 'secret'
  return defined({
    ...(field.isRequired && !hasDefault(field) ? value : orNull(value)),
    description: describe(field),
    default: field.default === 'now()' ? undefined : (field.default ?? undefined),
    writeOnly: isWriteOnly ? true : undefined,
  })
}

function describe(field: Field): string | undefined {
  const parts = [
    field.description,
    field.to === undefined
      ? ''
      : `A record of the module ${field.to}, by its id or a value of a lookup field`,
    field.isImmutable && !field.isImplicit ? 'Cannot be changed later' : '',
  ]
  const text = parts.filter((part) => part !== '').join('. ')
  return text === '' ? undefined : text
}
