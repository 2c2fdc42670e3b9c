import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, mapOf, query, shape, text } from './shapes.ts'

const tag = 'E-mails'
const address = { type: 'string', format: 'email', maxLength: 254 }
const kind = { template: text, description: text }

/** E-mails, by their rule. */
export const mailDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/emails': {
    id: 'list_emails',
    tag,
    summary: 'Every kind of e-mail',
    description: 'A page for browsers.',
    answers: { 200: { description: 'The templates', schema: enveloped(listOf(shape(kind))) } },
  },
  'GET /admin/emails/:template': {
    id: 'preview_email',
    tag,
    summary: 'An e-mail with sample data, as its reader would get it',
    description: 'A page for browsers.',
    parameters: [
      query(
        'part',
        { type: 'string', const: 'html' },
        'The HTML part alone, as a document that may run nothing',
      ),
    ],
    answers: {
      200: {
        description: 'The e-mail',
        schema: enveloped(shape({ ...kind, data: mapOf(text), subject: text, text, html: text })),
      },
    },
    errors: ['not_found', 'validation_error'],
  },
  'POST /admin/emails/:template/test': {
    id: 'test_email',
    tag,
    summary: 'Send an e-mail with sample data: to the operator who asks, or to another address',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: {
            to: { ...address, description: 'Needed with an operator token, which is no person' },
          },
          additionalProperties: false,
        },
      },
      example: { to: 'ada@example.com' },
      isRequired: false,
    },
    answers: {
      202: { description: 'It is on the queue', schema: enveloped(shape({ template: text, to: address })) },
    },
    errors: ['permission_denied', 'not_found'],
  },
}
