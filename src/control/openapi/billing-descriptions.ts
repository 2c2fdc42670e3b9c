import { type JsonObject, reference } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, query, shape, text, textOrNull, truth, whole } from './shapes.ts'

const tag = 'Billing'
const id: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 } }
const once = [reference('parameters', 'IdempotencyKey')]
const minor: JsonObject = { type: 'integer', minimum: 1, description: 'Minor units' }
const currency: JsonObject = { type: 'string', pattern: '^[A-Z]{3}$' }
const record: JsonObject = { type: 'object', additionalProperties: true }

const line = shape({ kind: text, description: text, quantity: whole, unit_price: text, amount: text })
const preview = shape({
  subscription_id: text,
  plan_id: text,
  period_start: text,
  period_end: text,
  total_requests: whole,
  lines: listOf(line),
  subtotal: text,
  tax: text,
  tax_inclusive: { ...truth, description: 'The lines contain the tax' },
  total_amount: text,
  credit_applied: text,
  amount_due: text,
  currency: text,
})
const cycle = shape({
  id: text,
  billing_cycle_id: text,
  organization_id: text,
  number: textOrNull,
  kind: text,
  period_start: textOrNull,
  period_end: textOrNull,
  total_requests: whole,
  total_amount: { ...text, description: 'The major unit, such as 60.00' },
  amount_due: text,
  currency: text,
  status: text,
  due_at: textOrNull,
  paid_at: textOrNull,
  created_at: text,
})
const check = shape({ check: text, stored: text, recomputed: text, ok: truth })
const verified = shape({ invoice_id: text, number: textOrNull, ok: truth, checks: listOf(check) })
const account = shape({ account: text, currency: text, balance: text, summed: text })

const rehearsed = shape({
  organization_id: text,
  organization: text,
  subscription_id: text,
  periods: whole,
  units: whole,
  now: whole,
  draft: whole,
  change: whole,
})
const rehearsal = shape({
  plan: text,
  currency: text,
  from: text,
  to: text,
  now: { ...whole, description: 'Minor units, before coupons, taxes and credit' },
  draft: whole,
  change: whole,
  customers: listOf(rehearsed),
})

const done = (description: string, schema: JsonObject): DescribedOperation['answers'] => ({
  200: { description, schema: enveloped(schema) },
})
const body = (properties: Record<string, JsonObject>, required: readonly string[], example: object) => ({
  content: {
    'application/json': { type: 'object', properties, required, additionalProperties: false },
  },
  example,
  isRequired: required.length > 0,
})
const empty = body({}, [], {})
const csv: DescribedOperation['answers'] = {
  200: {
    description: 'A line for each event, by time; its SHA-256 stands on the invoice',
    schema: text,
    contentType: 'text/csv',
    headers: { 'X-Event-Set-Hash': { description: 'The SHA-256', schema: text } },
  },
}
const money = ['not_found', 'permission_denied', 'conflict', 'illegal_transition'] as const

/** Invoices, the ledger and prepaid credit, by their rule. */
export const billingDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/billing/invoices/:id/events': {
    id: 'export_invoice_events',
    tag,
    summary: 'The usage events behind an invoice',
    parameters: [id],
    answers: csv,
    errors: ['not_found'],
  },
  'GET /admin/billing/invoices/:id/verify': {
    id: 'verify_invoice',
    tag,
    summary: 'Work an invoice out again from the raw events',
    parameters: [id],
    answers: done('What was compared', verified),
    errors: ['not_found', 'illegal_transition'],
  },
  'GET /admin/billing/ledger': {
    id: 'check_ledger',
    tag,
    summary: 'Recount the whole ledger',
    answers: done(
      'What was found',
      shape({ ok: truth, entries: whole, rows: whole, unbalanced: listOf(text), drifted: listOf(account) }),
    ),
  },
  'GET /admin/billing/subscriptions/:id/preview': {
    id: 'preview_invoice',
    tag,
    summary: 'What the period that is under way comes to so far',
    parameters: [id],
    answers: done('The invoice as it would be now', preview),
    errors: ['not_found'],
  },
  'POST /admin/billing/credits': {
    id: 'give_credit',
    tag,
    summary: 'Give a customer prepaid credit',
    parameters: once,
    body: body(
      {
        organization_id: text,
        amount: minor,
        currency,
        priority: { type: 'integer', minimum: 0, maximum: 1000 },
        expires_at: { type: 'string', format: 'date-time' },
        note: { type: 'string', maxLength: 500 },
      },
      ['organization_id', 'amount'],
      { organization_id: 'org_example', amount: 5000, currency: 'USD' },
    ),
    answers: done('The grant', record),
    errors: ['permission_denied', 'validation_error', 'idempotency_mismatch'],
  },
  'POST /admin/billing/invoices/:id/credit-note': {
    id: 'issue_credit_note',
    tag,
    summary: 'Take a part of an invoice back: off what is due, the rest as prepaid credit',
    parameters: [id, ...once],
    body: body(
      {
        amount: { ...minor, description: 'Minor units, without tax where the lines do not contain it' },
        reason: text,
      },
      ['amount', 'reason'],
      {
        amount: 500,
        reason: 'An outage',
      },
    ),
    answers: done('The credit note', record),
    errors: [...money, 'idempotency_mismatch'],
  },
  'POST /admin/billing/invoices/:id/settle': {
    id: 'settle_invoice',
    tag,
    summary: 'Note that an invoice was paid outside of the product, such as by bank transfer',
    parameters: [id],
    body: body({ payment_id: text, amount: minor, currency }, ['payment_id', 'amount', 'currency'], {
      payment_id: 'transfer 4711',
      amount: 6000,
      currency: 'USD',
    }),
    answers: done('The invoice', record),
    errors: money,
  },
  'POST /admin/billing/invoices/:id/void': {
    id: 'void_invoice',
    tag,
    summary: 'Take an invoice back as if it had never been owed',
    parameters: [id],
    body: empty,
    answers: done('The invoice', record),
    errors: money,
  },
  'POST /admin/billing/invoices/:id/write-off': {
    id: 'write_off_invoice',
    tag,
    summary: 'Give up what is due',
    parameters: [id],
    body: empty,
    answers: done('The invoice', record),
    errors: money,
  },
  'POST /admin/billing/rehearse': {
    id: 'rehearsePlan',
    tag,
    summary: 'What a draft of a plan would have earned with the use that really was; nothing is written',
    body: body(
      {
        draft: {
          ...text,
          description: 'YAML or JSON: the name of the plan and the price fields that change',
        },
        from: { ...text, description: 'The first month' },
        to: { ...text, description: 'The last month; the first one when it is not given' },
      },
      ['draft', 'from'],
      { draft: 'plan: starter\nprice_monthly: 1500\n', from: '2026-10' },
    ),
    answers: done('What it comes to now and under the draft, by customer', rehearsal),
    errors: ['validation_error'],
  },
  'POST /admin/billing/run': {
    id: 'run_billing',
    tag,
    summary: 'Do now what the biller does every hour',
    body: empty,
    answers: done(
      'How many of each',
      shape({
        drafted: whole,
        finalized: whole,
        failed: whole,
        late: whole,
        overdue: whole,
        expired: whole,
        topped_up: whole,
        mailed: whole,
      }),
    ),
    errors: ['permission_denied', 'conflict'],
  },
  'GET /api/v1/billing/calculate': {
    id: 'calculate_bill',
    tag,
    summary: 'What the running periods come to so far, one for each subscription',
    answers: done('The invoices as they would be now', listOf(preview)),
    errors: ['not_found'],
  },
  'GET /api/v1/billing/credit': {
    id: 'show_credit',
    tag,
    summary: 'What is left of prepaid credit, in each currency; minor units',
    answers: done(
      'balance less what the invoices to come will draw (used) is available; under a prepaid plan calls are refused when nothing is',
      listOf(
        shape({
          currency: text,
          balance: whole,
          used: whole,
          available: whole,
          is_prepaid: { type: 'boolean' },
        }),
      ),
    ),
  },
  'GET /api/v1/billing/history': {
    id: 'list_billing_history',
    tag,
    summary: 'Invoices, the youngest first, twenty a page',
    parameters: [query('cursor', text, 'Where the page before ended')],
    answers: done('A page', shape({ billing_cycles: listOf(cycle), next_cursor: textOrNull })),
  },
  'GET /api/v1/billing/invoices/:id/events': {
    id: 'download_invoice_events',
    tag,
    summary: 'The usage events behind an own invoice',
    parameters: [id],
    answers: csv,
    errors: ['not_found'],
  },
  'GET /api/v1/billing/invoices/:id/verify': {
    id: 'verify_own_invoice',
    tag,
    summary: 'Work an own invoice out again from the raw events',
    parameters: [id],
    answers: done('What was compared', verified),
    errors: ['not_found', 'illegal_transition'],
  },
  'GET /api/v1/billing/usage': {
    id: 'show_billed_usage',
    tag,
    summary: 'Requests and billed units of each day, UTC; both days included',
    parameters: [
      { ...query('start_date', { type: 'string', format: 'date' }, 'The first day'), required: true },
      { ...query('end_date', { type: 'string', format: 'date' }, 'The last day'), required: true },
    ],
    answers: done(
      'The days',
      shape({
        start_date: text,
        end_date: text,
        total_requests: whole,
        total_units: whole,
        days: listOf(shape({ date: text, requests: whole, units: whole })),
      }),
    ),
    errors: ['validation_error'],
  },
  'POST /api/v1/billing/credits': {
    id: 'buy_credit',
    tag,
    summary: 'Buy prepaid credit: answers the invoice that sells it; the credit is there once it is paid',
    parameters: once,
    body: body({ amount: minor, currency }, ['amount'], { amount: 5000, currency: 'USD' }),
    answers: {
      201: {
        description: 'The invoice',
        schema: enveloped(shape({ invoice_id: text, number: textOrNull, amount: whole, currency: text })),
      },
    },
    errors: ['permission_denied', 'validation_error', 'idempotency_mismatch'],
  },
}
