import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, shape, text, truth, whole } from './shapes.ts'

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

const dummyPage: DescribedOperation['answers'] = {
  200: { description: 'A page', schema: text, contentType: 'text/html' },
  404: { description: 'Nothing to pay here', schema: text, contentType: 'text/html' },
}
const dummyId: JsonObject = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', minLength: 1 },
}

/** Paying, by rule. */
export const paymentDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /webhooks/:provider': webhook('receive_webhook'),
  'POST /api/v1/webhooks/:provider': webhook('receive_webhook_v1'),
  'GET /public/dummy-payment/:id': {
    id: 'show_dummy_payment',
    tag: 'Payments',
    summary: 'The page of the provider for tests, where the instance is paid through it',
    parameters: [dummyId],
    answers: dummyPage,
  },
  'POST /public/dummy-payment/:id': {
    id: 'decide_dummy_payment',
    tag: 'Payments',
    summary: 'Pay or decline on that page',
    parameters: [dummyId],
    body: {
      content: {
        'application/x-www-form-urlencoded': {
          type: 'object',
          required: ['choice'],
          properties: { choice: oneOf('pay', 'decline') },
        },
      },
      isRequired: true,
    },
    answers: {
      303: { description: 'Back', headers: { Location: { description: 'Where to', schema: text } } },
      404: { description: 'Nothing to pay here', schema: text, contentType: 'text/html' },
    },
    errors: ['forbidden', 'validation_error'],
  },
  'GET /api/v1/billing/payment-providers': {
    id: 'list_payment_providers',
    tag: 'Billing',
    summary: 'The providers that an invoice can be paid through',
    answers: {
      200: {
        description: 'None where payments are not set up',
        schema: enveloped(shape({ providers: listOf(shape({ provider: text, is_default: truth })) })),
      },
    },
  },
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
