import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, mapOf, oneOf, shape, text, textOrNull, whole } from './shapes.ts'

const difference = shape({
  key: { ...textOrNull, description: 'Their id; null where ours has none' },
  local_id: textOrNull,
  kind: oneOf('missing_local', 'missing_external', 'different'),
  fields: listOf({ type: 'object', additionalProperties: true }),
})
const failure = shape({ key: textOrNull, reason: text })

/** Reconciliation, by its rule. */
export const reconcileDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /admin/reconcile': {
    id: 'reconcile',
    tag: 'Reconciliation',
    summary: "Compare our records with a provider's, and put right what differs where that is asked for",
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['module', 'provider', 'source_instance', 'table', 'key', 'fields'],
          properties: {
            module: text,
            provider: { ...text, description: 'As provider mappings name it' },
            source_instance: { ...text, description: 'The data source with their rows' },
            table: text,
            key: { ...text, description: 'The column with their id' },
            fields: { ...mapOf(text), description: 'Their columns by our fields' },
            repair: {
              ...oneOf('none', 'local', 'external'),
              default: 'none',
              description: 'Which side is made like the other one',
            },
          },
          additionalProperties: false,
        },
      },
      example: {
        module: 'organization',
        provider: 'crm',
        source_instance: 'crm',
        table: 'customers',
        key: 'id',
        fields: { name: 'company' },
      },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'What was found, and what was put right',
        schema: enveloped({
          type: 'object',
          required: ['matched', 'differences', 'repaired', 'failed'],
          properties: {
            matched: whole,
            differences: listOf(difference),
            repaired: whole,
            failed: whole,
            failures: listOf(failure),
          },
        }),
      },
    },
    errors: ['permission_denied', 'not_found', 'conflict', 'validation_error', 'service_unavailable'],
  },
}
