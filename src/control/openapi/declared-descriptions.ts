import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, mapOf, oneOf, query, shape, text, truth, whole } from './shapes.ts'

const anything = { description: 'Any value; `(secret)` in the place of a secret' }
const report = shape({
  applied: truth,
  changes: listOf(
    shape({
      change: oneOf('create', 'update', 'delete'),
      kind: text,
      name: text,
      fields: listOf(shape({ field: text, from: anything, to: anything })),
    }),
  ),
  counts: shape({ create: whole, update: whole, delete: whole }),
})

const asked = {
  type: 'object',
  required: ['document'],
  properties: {
    document: { ...text, description: 'The file, YAML or JSON' },
    values: {
      ...mapOf(text),
      description: 'What the references in the file stand for, by name',
      writeOnly: true,
    },
    prune: {
      ...truth,
      default: false,
      description: 'Take away what the file does not have, of the kinds it has',
    },
  },
  additionalProperties: false,
}

const body = {
  content: { 'application/json': asked },
  example: { document: 'version: 1\nsettings:\n  auth.key_prefix: sk_\n' },
  isRequired: true,
}
const common = { tag: 'Configuration', body }

/** Configuration as a file, by its rule. */
export const declaredDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/config': {
    id: 'dump_configuration',
    tag: 'Configuration',
    summary: 'The instance as a configuration file',
    parameters: [query('keys', { ...truth, default: false }, 'API keys too, as references')],
    answers: { 200: { description: 'The file', schema: enveloped(shape({ document: text })) } },
  },
  'POST /admin/config/plan': {
    ...common,
    id: 'plan_configuration',
    summary: 'What a configuration file would change; changes nothing',
    answers: { 200: { description: 'The differences', schema: enveloped(report) } },
    errors: ['permission_denied', 'conflict', 'not_found'],
  },
  'POST /admin/config/apply': {
    ...common,
    id: 'apply_configuration',
    summary: 'Bring the instance to a configuration file, all of it or nothing',
    answers: { 200: { description: 'What was changed', schema: enveloped(report) } },
    errors: ['permission_denied', 'conflict', 'not_found'],
  },
  'GET /assets/gateway.schema.json': {
    id: 'get_configuration_schema',
    tag: 'Configuration',
    summary: 'The JSON Schema of configuration files, for editors',
    answers: {
      200: {
        description: 'A JSON Schema',
        schema: { type: 'object', additionalProperties: true },
        contentType: 'application/schema+json',
      },
    },
  },
}
