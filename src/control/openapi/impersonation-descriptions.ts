import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { session } from './account-descriptions.ts'
import { listOf, shape, text, textOrNull, truth } from './shapes.ts'

const time: JsonObject = { type: 'string', format: 'date-time' }
const tag = 'Impersonation'
const ended: DescribedOperation['answers'] = {
  200: { description: 'Ended', schema: enveloped(shape({ ended: { const: true } })) },
}

/** Operators acting as people, by their rule. */
export const impersonationDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /admin/impersonations': {
    id: 'begin_impersonation',
    tag,
    summary: 'Act as a person for a while: a superadmin with their rights, support to look only',
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['user_id', 'reason'],
          properties: {
            user_id: { ...text, maxLength: 320, description: 'Id or e-mail' },
            organization_id: { ...text, description: "The person's own when not given" },
            reason: { ...text, minLength: 5, maxLength: 500, description: 'Kept in both audit logs' },
            minutes: { type: 'integer', minimum: 1, maximum: 60, default: 30 },
          },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: { 201: session },
    errors: ['not_found', 'conflict', 'permission_denied', 'account_suspended'],
  },
  'GET /admin/impersonations': {
    id: 'list_impersonations',
    tag,
    summary: 'Who acts as whom at this moment',
    answers: {
      200: {
        description: 'The newest first',
        schema: enveloped(
          listOf(
            shape({
              id: text,
              user_id: text,
              organization_id: textOrNull,
              operator_id: text,
              reason: text,
              is_read_only: truth,
              created_at: time,
              expires_at: time,
            }),
          ),
        ),
      },
    },
  },
  'DELETE /admin/impersonations/:id': {
    id: 'end_impersonation',
    tag,
    summary: 'End one at once',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 } }],
    answers: ended,
    errors: ['not_found', 'permission_denied'],
  },
  'POST /api/v1/auth/impersonation/end': {
    id: 'leave_impersonation',
    tag,
    summary: 'End the impersonation that the request came with',
    answers: ended,
    errors: ['conflict'],
  },
}
