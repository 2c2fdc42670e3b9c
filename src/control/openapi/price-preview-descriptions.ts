import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, shape, text, whole } from './shapes.ts'

const line = shape({ kind: text, description: text, quantity: whole, amount: whole })

/** Drafts of prices, by their rule. */
export const pricePreviewDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /admin/plans/preview': {
    id: 'preview_price',
    tag: 'Billing',
    summary: 'What a month with so many units comes to under a draft of a price; nothing is written',
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['units'],
          properties: {
            units: { ...listOf({ ...whole, minimum: 0 }), minItems: 1, maxItems: 20 },
            price_model: text,
            currency: text,
            price_monthly: whole,
            requests_per_month: whole,
            quota_mode: text,
            overage_price: whole,
            overage_unit_price: text,
            unit_price: text,
            package_size: whole,
            basis_points: whole,
            tiers: { description: 'As in a plan' },
            minimum_commitment: whole,
          },
          additionalProperties: false,
        },
      },
      example: { price_model: 'per_unit', unit_price: '0.01', units: [1000] },
      isRequired: true,
    },
    answers: {
      200: {
        description: 'Each quantity with its lines; amounts in minor units',
        schema: enveloped(
          shape({
            currency: text,
            periods: listOf(shape({ units: whole, total: whole, lines: listOf(line) })),
          }),
        ),
      },
    },
  },
}
