import { inputSchema } from '../channel/openapi/field-schema.ts'
import type { JsonObject } from '../channel/openapi/json-schema.ts'
import type { Engine } from '../engine.ts'
import type { Field } from '../schema/module.ts'
import { createKinds, inputsOf, isSecret, type Kind, type KindRule } from './kind.ts'

const secret: JsonObject = { type: ['string', 'null'], pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' }

/** The JSON Schema of configuration files, for editors. */
export function fileSchema(rules: readonly KindRule[], modules: Engine['modules']): JsonObject {
  const kinds = createKinds(rules, modules)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'APIGate configuration',
    type: 'object',
    required: ['version'],
    properties: {
      version: { const: 1 },
      ...Object.fromEntries(kinds.map((kind) => [kind.section, sectionSchema(kind)])),
    },
    additionalProperties: false,
  }
}

function sectionSchema(kind: Kind): JsonObject {
  const required = [...kind.fields].filter(([, field]) => field.isRequired && field.default === undefined)
  const entry = {
    type: ['object', 'null'],
    description: kind.definition.meta.description,
    ...(required.length === 0 ? {} : { required: required.map(([name]) => name) }),
    properties: {
      ...Object.fromEntries([...kind.fields].map(([name, field]) => [name, memberSchema(field)])),
      ...Object.fromEntries(inputsOf(kind).secret.map((name) => [name, secret])),
      ...Object.fromEntries(inputsOf(kind).plain.map((name) => [name, { type: 'string' }])),
    },
    additionalProperties: false,
  }
  const bare = { type: ['string', 'number', 'boolean'] }
  return {
    type: ['object', 'null'],
    additionalProperties: kind.shorthand === undefined ? entry : { anyOf: [bare, entry] },
  }
}

/** Lengths and patterns are left to the server: a text can hold references. */
function memberSchema(field: Field): JsonObject {
  const { minLength: _least, maxLength: _most, pattern: _pattern, format, ...schema } = inputSchema(field)
  if (isSecret(field)) return { ...secret, description: field.description }
  return { ...schema, ...(field.type.name === 'int' && format !== undefined ? { format } : {}) }
}
