import type { JsonObject } from '#core/channel/openapi/json-schema.ts'

/** Text. */
export const text: JsonObject = { type: 'string' }
/** Text or null. */
export const textOrNull: JsonObject = { type: ['string', 'null'] }
/** A whole number. */
export const whole: JsonObject = { type: 'integer' }
/** A whole number, or null where there is no bound. */
export const wholeOrNull: JsonObject = { type: ['integer', 'null'] }
/** True or false. */
export const truth: JsonObject = { type: 'boolean' }
/** One of some words. */
export const oneOf = (...words: readonly string[]): JsonObject => ({ type: 'string', enum: words })
/** A list of something. */
export const listOf = (items: JsonObject): JsonObject => ({ type: 'array', items })

/** An object in which every member is always there. */
export const shape = (properties: Readonly<Record<string, JsonObject>>): JsonObject => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
})

/** The same, or null. */
export const shapeOrNull = (properties: Readonly<Record<string, JsonObject>>): JsonObject => ({
  ...shape(properties),
  type: ['object', 'null'],
})

/** An object whose members are named by what is there. */
export const mapOf = (values: JsonObject): JsonObject => ({ type: 'object', additionalProperties: values })

/** One parameter of a query. */
export const query = (name: string, schema: JsonObject, description: string): JsonObject => ({
  name,
  in: 'query',
  description,
  schema,
})

/** True, false, or null where it is not known. */
export const truthOrNull: JsonObject = { type: ['boolean', 'null'] }
