import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, shape, text, textOrNull, truth, whole } from './shapes.ts'

const tag = 'Billing'
const id: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 } }

const method = shape({
  id: text,
  provider: text,
  kind: text,
  brand: text,
  last4: text,
  label: text,
  expires_at: textOrNull,
  is_default: truth,
  status: oneOf('active', 'expired', 'removed'),
  decline_code: {
    ...textOrNull,
    description: 'Why its bank wants no more of it; then it is not tried by itself',
  },
  created_at: text,
})

/** The ways to pay that an organization keeps, and paying by one of them. */
export const methodDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /api/v1/billing/payment-methods': {
    id: 'list_payment_methods',
    tag,
    summary: 'The cards and other ways to pay that are kept at payment providers, the youngest first',
    answers: { 200: { description: 'What is kept', schema: enveloped(listOf(method)) } },
    errors: [],
  },
  'POST /api/v1/billing/payment-methods': {
    id: 'set_up_payment_method',
    tag,
    summary: 'Make a page on which to leave a card without paying; it is kept once the provider says so',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: { provider: { ...text, description: 'The active one unless given' } },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'Where to go',
        schema: enveloped(shape({ provider: text, setup_url: text })),
      },
    },
    errors: ['conflict', 'service_unavailable'],
  },
  'POST /api/v1/billing/payment-methods/:id/default': {
    id: 'make_payment_method_default',
    tag,
    summary: 'Collect invoices by it from now on; what is open is collected at once',
    parameters: [id],
    answers: { 200: { description: 'As it is now', schema: enveloped(method) } },
    errors: ['not_found', 'conflict'],
  },
  'DELETE /api/v1/billing/payment-methods/:id': {
    id: 'remove_payment_method',
    tag,
    summary: 'Charge it no more, and let the provider forget it',
    parameters: [id],
    answers: { 200: { description: 'As it is now', schema: enveloped(method) } },
    errors: ['not_found', 'conflict'],
  },
  'POST /api/v1/billing/pay': {
    id: 'pay_invoice',
    tag,
    summary: 'Pay an open invoice now by a way to pay that is kept; a decline is an answer, too',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: {
            invoice_id: text,
            billing_cycle_id: { ...text, description: 'Another name of invoice_id' },
            payment_method_id: { ...text, description: 'The default one unless given' },
          },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'How the payment stands',
        schema: enveloped(
          shape({
            payment_id: text,
            invoice_id: text,
            billing_cycle_id: text,
            provider: text,
            amount: { ...whole, description: 'Minor units' },
            currency: text,
            status: oneOf('requested', 'processing', 'succeeded', 'failed', 'expired', 'flagged'),
            decline_code: { ...textOrNull, description: 'Why it failed, such as insufficient_funds' },
          }),
        ),
      },
    },
    errors: ['not_found', 'conflict', 'payment_required', 'service_unavailable'],
  },
}
