import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { shape, text, truth, whole } from './shapes.ts'

const provider: JsonObject = {
  name: 'provider',
  in: 'path',
  required: true,
  description: '`stripe`, `paystack`, `paddle`, `lemonsqueezy`, or a payment provider of your own',
  schema: { type: 'string', minLength: 1 },
}

const webhook = (id: string): DescribedOperation => ({
  id,
  tag: 'Payments',
  summary:
    'Where a payment provider sends its messages, signed as it signs them; answered once the message is stored',
  parameters: [provider],
  body: { content: { 'application/json': { type: 'object', additionalProperties: true } }, isRequired: true },
  answers: { 200: { description: 'Stored, now or before', schema: enveloped(shape({ received: truth })) } },
  errors: ['invalid_signature', 'not_found', 'service_unavailable'],
})

/** Paying, by rule. */
export const paymentDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /webhooks/:provider': webhook('receive_webhook'),
  'POST /api/v1/webhooks/:provider': webhook('receive_webhook_v1'),
  'POST /api/v1/billing/initiate-payment': {
    id: 'initiate_payment',
    tag: 'Billing',
    summary: 'Make the page on which an open invoice can be paid; only the provider can say that it was',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: {
            invoice_id: text,
            billing_cycle_id: { ...text, description: 'Another name of invoice_id' },
            provider: { ...text, description: 'The active one unless given' },
          },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'Where to send the customer',
        schema: enveloped(
          shape({
            payment_id: text,
            invoice_id: text,
            billing_cycle_id: text,
            provider: text,
            amount: { ...whole, description: 'Minor units' },
            currency: text,
            checkout_url: text,
          }),
        ),
      },
    },
    errors: ['not_found', 'conflict', 'service_unavailable'],
  },
}
