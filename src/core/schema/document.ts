import { z } from 'zod'
import { memberRoles, operatorRoles } from '#contract/actor.ts'

/**
 * A map that knows all its keys. The message of its unknown-key issue is the list of the known ones, from which the
 * reader of the issue makes a suggestion for each unknown key.
 */
function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(',') : undefined),
  })
}

const text = z.string()
const texts = z.array(text)
const mapOf = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value)

const value = {
  type: text,
  required: z.boolean().optional(),
  default: z.unknown().optional(),
  description: text.optional(),
  values: texts.optional(),
  to: text.optional(),
  min: z.int().optional(),
  max: z.int().optional(),
  length: z.int().min(0).optional(),
  pattern: text.optional(),
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
  computed: z.union([text, strict({ call: text })]).optional(),
  on_delete: z.enum(['restrict', 'cascade', 'set_null']).optional(),
})

const parameter = strict({ name: text, ...value })

const actionAuths = [
  'admin',
  'self_or_admin',
  ...[...memberRoles, ...operatorRoles].map((role) => `role:${role}` as const),
] as const

const action = strict({
  description: text.optional(),
  internal: z.boolean().optional(),
  confirm: z.boolean().optional(),
  auth: z.union([z.enum(actionAuths), z.array(z.enum(actionAuths)).min(1)]).optional(),
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

const meta = strict({
  description: text.optional(),
  icon: text.optional(),
  display_name: text.optional(),
  plural: text.optional(),
  id_prefix: text.optional(),
  scope: z.enum(['instance', 'organization']).optional(),
  implements: texts.optional(),
  requires: mapOf(requirement).optional(),
})

const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])

const consumed = strict({
  base: text,
  auth: z.looseObject({ type: text }).optional(),
  headers: mapOf(text).optional(),
  timeout_ms: z.int().min(1).optional(),
  methods: mapOf(
    strict({
      method,
      path: text,
      headers: mapOf(text).optional(),
      query: mapOf(text).optional(),
      map: mapOf(z.unknown()).optional(),
      response: strict({ set: mapOf(text).optional() }).optional(),
    }),
  ),
})

const channels = strict({
  http: strict({
    serve: strict({
      enabled: z.boolean().optional(),
      base_path: text.optional(),
      endpoints: z.array(strict({ action: text, method: method.exclude(['HEAD']), path: text })).optional(),
    }).optional(),
    consume: mapOf(consumed).optional(),
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
export type HookStepDocument = z.output<typeof hookStep>

/** The shape of the seed file: module names to the records that a new database starts with, in this order. */
export const seedDocument = strict({ seed: mapOf(z.array(mapOf(z.unknown()))) })
