import type { Field, Module } from '../../schema/module.ts'
import { isReadable } from './field-schema.ts'
import type { JsonObject } from './json-schema.ts'

const paging: readonly JsonObject[] = [
  {
    name: 'limit',
    in: 'query',
    description: 'Records a page; above 100 counts as 100',
    schema: { type: 'integer', minimum: 1, default: 20 },
  },
  {
    name: 'cursor',
    in: 'query',
    description: '`meta.next_cursor` of the page before',
    schema: { type: 'string', minLength: 1 },
  },
  {
    name: 'count',
    in: 'query',
    description: 'Whether `meta.total` says how many there are',
    schema: { type: 'boolean', default: false },
  },
]

/** What a list can be sorted by. */
export const sortWords = (fields: readonly Field[]): readonly string[] =>
  fields.filter(({ type }) => type.isOrdered).flatMap(({ name }) => [name, `-${name}`])

/** The conditions of a list: a field, or a field with its comparison in brackets. */
export function filterSchema(fields: readonly Field[]): JsonObject {
  const ordered = fields.filter(({ type }) => type.isOrdered).map(({ name }) => name)
  const compared = fields.filter(({ type }) => type.name !== 'json' && type.name !== 'bytes')
  const names = compared.map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    patternProperties: {
      [`^(${names.join('|')})\\[(ne|in|like)\\]$`]: { type: 'string' },
      [`^(${ordered.join('|')})\\[(gt|gte|lt|lte)\\]$`]: { type: 'string' },
    },
    additionalProperties: false,
  }
}

/** The parameters of a list: paging, `sort`, and one condition for each field and comparison. */
export function listParameters(module: Module): readonly JsonObject[] {
  const fields = [...module.fields.values()].filter(isReadable)
  return [
    ...paging,
    {
      name: 'sort',
      in: 'query',
      description: 'A field; with `-` before it downwards',
      schema: { type: 'string', enum: sortWords(fields) },
    },
    {
      name: 'filter',
      in: 'query',
      description:
        'Conditions, joined by "and": `?field=value`, or `?field[gt|gte|lt|lte|ne|in|like]=value`. `in` takes values ' +
        'separated by commas, `like` takes `%` and `_`, and `null` stands for "has none".',
      style: 'form',
      explode: true,
      schema: filterSchema(fields),
    },
  ]
}
