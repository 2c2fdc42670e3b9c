import { z } from 'zod'
import { memberRoles, operatorRoles } from '#contract/actor.ts'
import { consumedDocument } from './consume-document.ts'
import { strict } from './strict-map.ts'

const text = z.string()
const texts = z.array(text)
const mapOf = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value)

const scalar = z.union([text, z.number(), z.boolean(), z.null()])

const value = {
  type: text,
  required: z.boolean().optional(),
  default: z.unknown().optional(),
  label: text.optional(),
  description: text.optional(),
  values: texts.optional(),
  to: text.optional(),
  min: z.int().optional(),
  max: z.int().optional(),
  length: z.int().min(0).optional(),
  pattern: text.optional(),
  money: text.optional(),
}

const field = strict({
  ...value,
  unique: z.boolean().optional(),
  lookup: z.boolean().optional(),
  immutable: z.boolean().optional(),
  internal: z.boolean().optional(),
  internal_write: z.boolean().optional(),
  write_only: z.boolean().optional(),
  sticky: z.boolean().optional(),
  index: z.boolean().optional(),
  computed: z
    .union([text, strict({ call: text })], { error: 'must be an expression or { call: <name> }' })
    .optional(),
  on_delete: z.enum(['restrict', 'cascade', 'set_null']).optional(),
})

/** A parameter of an action, of modules and of capabilities alike. */
export const parameter = strict({ name: text, ...value })

const actionAuths = [
  'admin',
  'self_or_admin',
  ...[...memberRoles, ...operatorRoles].map((role) => `role:${role}` as const),
] as const

const condition = z.union(
  [z.union([scalar, z.array(scalar).min(1)]), strict({ not: z.union([scalar, z.array(scalar).min(1)]) })],
  { error: 'must be a value, a list of values, or { not: <either> }' },
)

const action = strict({
  label: text.optional(),
  description: text.optional(),
  internal: z.boolean().optional(),
  audit: z.boolean().optional(),
  confirm: z.boolean().optional(),
  offered_when: mapOf(condition).optional(),
  auth: z
    .union([z.enum(actionAuths), z.array(z.enum(actionAuths)).min(1)], {
      error: `must be one of ${actionAuths.join(', ')}, or a list of them`,
    })
    .optional(),
  input: z.array(parameter).optional(),
  output: z.array(parameter).optional(),
  set: mapOf(z.unknown()).optional(),
  call: text.optional(),
})

const requirement = strict({
  capability: text,
  required: z.boolean().optional(),
  default: text.optional(),
  description: text.optional(),
})

/** What makes a module that `implements` capabilities a provider that can be configured and run. */
const provider = strict({
  environment: mapOf(text).optional(),
  settings: texts.optional(),
  code: text.optional(),
  only: z.enum(['testing', 'single_node']).optional(),
})

const meta = strict({
  description: text.optional(),
  icon: text.optional(),
  display_name: text.optional(),
  display_plural: text.optional(),
  plural: text.optional(),
  name_field: text.optional(),
  id_prefix: text.optional(),
  scope: z.enum(['instance', 'organization']).optional(),
  audit: z.boolean().optional(),
  implements: texts.optional(),
  requires: mapOf(requirement).optional(),
  provider: provider.optional(),
})

const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

const channels = strict({
  http: strict({
    serve: strict({
      enabled: z.boolean().optional(),
      base_path: text.optional(),
      endpoints: z.array(strict({ action: text, method, path: text })).optional(),
    }).optional(),
    consume: mapOf(consumedDocument).optional(),
  }).optional(),
  cli: strict({
    serve: strict({
      enabled: z.boolean().optional(),
      command: text.optional(),
      commands: z.array(strict({ action: text, columns: texts.optional() })).optional(),
    }).optional(),
  }).optional(),
  websocket: strict({
    serve: strict({
      enabled: z.boolean().optional(),
      path: text.optional(),
      events: texts.optional(),
    }).optional(),
  }).optional(),
})

const hookStep = strict({
  emit: text.optional(),
  call: text.optional(),
  set: mapOf(z.unknown()).optional(),
})

/** The shape of a module file: apigate-architecture 3.1 and the attributes that the product adds. */
export const moduleDocument = strict({
  module: text,
  meta: meta.optional(),
  schema: mapOf(field),
  unique: z.array(texts).optional(),
  actions: mapOf(action.nullable()).optional(),
  channels: channels.optional(),
  hooks: mapOf(z.array(hookStep)).optional(),
})

export type ModuleDocument = z.output<typeof moduleDocument>
export type FieldDocument = z.output<typeof field>
export type ActionDocument = z.output<typeof action>
export type ConditionDocument = z.output<typeof condition>
export type HookStepDocument = z.output<typeof hookStep>

/** The shape of the seed file: module names to the records that a new database starts with, in this order. */
export const seedDocument = strict({ seed: mapOf(z.array(mapOf(z.unknown()))) })
