import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { oneOf, query, shape, shapeOrNull, text, textOrNull, truth, whole } from './shapes.ts'

const time: JsonObject = { type: 'string', format: 'date-time' }
const side = { plan_id: text, plan: text, price_monthly: whole, currency: text }

const change = shape({
  preview: truth,
  when: oneOf('now', 'period_end'),
  effective_at: time,
  subscription_id: textOrNull,
  from: shapeOrNull(side),
  to: shape(side),
  trial_end: { type: ['string', 'null'], format: 'date-time' },
  proration: shapeOrNull({
    currency: text,
    credit: { ...whole, description: 'Minor units of the old fee that are not owed' },
    charge: { ...whole, description: 'Minor units of the new fee for the rest of the period' },
    net: whole,
    unused_seconds: whole,
    period_seconds: whole,
  }),
})

const plan = shape({
  id: text,
  name: text,
  description: text,
  api_id: text,
  is_on_offer: truth,
  is_current: truth,
  currency: text,
  price_monthly: { ...whole, description: 'Minor units' },
  price_model: text,
  overage_price: whole,
  overage_unit_price: { ...text, description: 'The major unit' },
  unit_price: { ...text, description: 'The major unit' },
  package_size: whole,
  basis_points: whole,
  tiers: { description: 'Each {up_to, unit_price, fee}; null where there are none' },
  minimum_commitment: whole,
  payment: oneOf('postpaid', 'prepaid'),
  requests_per_month: { ...whole, description: '-1 is unlimited' },
  quota_mode: oneOf('hard', 'soft', 'warn'),
  rate_limit_per_minute: { ...whole, description: '-1 is unlimited' },
  trial_days: whole,
  entitlements: {
    type: 'object',
    additionalProperties: true,
    description: 'What else it gives, by its name: true, false, a number or a text',
  },
})

/** The plan of an organization, by its rule. */
export const planChangeDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/billing/subscriptions/:id/plan-change': {
    id: 'preview_plan_change',
    tag: 'Billing',
    summary: 'What a change of a subscription’s plan would be, prorated to the second; nothing is changed',
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 } },
      { ...query('plan', { type: 'string', minLength: 1 }, 'The id of the plan'), required: true },
      query('when', oneOf('now', 'period_end'), 'At once where that can be, unless given'),
    ],
    answers: { 200: { description: 'Worked out', schema: enveloped(change) } },
    errors: ['not_found', 'conflict', 'illegal_transition', 'validation_error'],
  },
  'GET /api/v1/billing/plans': {
    id: 'list_own_plans',
    tag: 'Billing',
    summary: 'The plans that your organization has, and those that it may change to',
    answers: {
      200: { description: 'The cheapest first', schema: enveloped({ type: 'array', items: plan }) },
    },
    errors: [],
  },
  'POST /api/v1/billing/upgrade': {
    id: 'change_own_plan',
    tag: 'Billing',
    summary:
      'Change the plan: a higher fee at once, prorated to the second, a lower one with the next period; `preview` only works it out',
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: {
            plan: { ...text, description: 'Its name or id' },
            plan_id: { ...text, description: 'The same' },
            when: oneOf('now', 'period_end'),
            preview: { ...truth, default: false },
          },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: { 200: { description: 'Done, or worked out', schema: enveloped(change) } },
    errors: ['conflict', 'illegal_transition', 'permission_denied'],
  },
}
