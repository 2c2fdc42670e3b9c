import { type JsonObject, reference } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, query, shape, text, whole } from './shapes.ts'

const tag = 'Billing'
const time: JsonObject = { type: 'string', format: 'date-time' }
const minor: JsonObject = { type: 'integer', description: 'Minor units' }
const signed: JsonObject = {
  type: 'integer',
  description: 'Minor units; a debit is positive, a credit negative',
}
const account = query(
  'account',
  text,
  'An account, or a kind of them: `receivable` is what every customer owes',
)
const currency = query('currency', text, 'For example `USD`')
const filters = [
  account,
  query('kind', text, 'For example `invoice_paid`'),
  currency,
  query('reference', text, 'The id of the record that an entry is about'),
  query('from', time, 'Not before'),
  query('until', time, 'Before'),
]
const place = [
  query('limit', { type: 'integer', minimum: 1, maximum: 200, default: 50 }, 'How many on a page'),
  query('cursor', text, '`next_cursor` of the page before'),
]
const page = (description: string, item: JsonObject): DescribedOperation['answers'] => ({
  200: { description, schema: enveloped(listOf(item), reference('schemas', 'ListMeta')) },
})
const entry = shape({
  key: text,
  kind: text,
  currency: text,
  reference: text,
  at: time,
  rows: listOf(shape({ account: text, amount: signed })),
})
const day = shape({
  at: time,
  revenue: minor,
  mrr: { ...minor, description: 'Minor units, at the end of the day' },
})
const revenue = shape({
  from: time,
  to: time,
  paying_subscriptions: whole,
  currencies: listOf(
    shape({
      currency: text,
      mrr: {
        ...minor,
        description:
          'Monthly recurring revenue now: the fee of a whole period, or the minimum commitment where that is more, of every subscription that is active or past due',
      },
      mrr_before: { ...minor, description: 'The same when the days began' },
      revenue: {
        ...minor,
        description: 'Earned in these days, by the ledger; what was taken back is taken off',
      },
      revenue_before: { ...minor, description: 'Earned in as many days before' },
      outstanding: { ...minor, description: 'What customers owe now' },
      days: listOf(day),
    }),
  ),
  sign_ups: shape({ total: whole, before: whole, days: listOf(shape({ at: time, count: whole })) }),
})

/** The ledger for those who read it, and what the instance earns, by their rule. */
export const ledgerDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/billing/ledger/accounts': {
    id: 'list_ledger_accounts',
    tag,
    summary: 'Accounts with their balances, by name',
    parameters: [account, currency, ...place],
    answers: page('A page of accounts', shape({ account: text, currency: text, balance: signed })),
  },
  'GET /admin/billing/ledger/entries': {
    id: 'list_ledger_entries',
    tag,
    summary: 'The journal, newest first',
    parameters: [...filters, ...place],
    answers: page('A page of entries, each with its rows', entry),
  },
  'GET /admin/billing/ledger/export': {
    id: 'export_ledger',
    tag,
    summary: 'Every row of the journal that matches, newest first, as CSV; amounts in minor units',
    parameters: filters,
    answers: { 200: { description: 'One line a row', schema: text, contentType: 'text/csv' } },
  },
  'GET /admin/billing/ledger/totals': {
    id: 'list_ledger_totals',
    tag,
    summary: 'All accounts of a kind together, per currency',
    answers: {
      200: {
        description: 'The kinds',
        schema: enveloped(listOf(shape({ kind: text, currency: text, accounts: whole, balance: signed }))),
      },
    },
  },
  'GET /admin/billing/revenue': {
    id: 'report_revenue',
    tag,
    summary: 'Revenue, monthly recurring revenue and sign-ups, day by day (UTC), today included',
    parameters: [query('days', { type: 'integer', minimum: 1, maximum: 366, default: 30 }, 'How many days')],
    answers: { 200: { description: 'What is earned', schema: enveloped(revenue) } },
    errors: ['validation_error'],
  },
}
