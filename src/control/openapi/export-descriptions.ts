import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import type { DescribedOperation } from '#core/channel/openapi/operation.ts'
import { oneOf, query, text } from './shapes.ts'

const name: JsonObject = {
  name: 'name',
  in: 'path',
  required: true,
  schema: oneOf('invoices', 'lines', 'payments', 'refunds', 'credit-notes', 'ledger', 'usage'),
}
const day: JsonObject = { type: 'string', format: 'date' }
const span = [
  query('from', day, 'The first day, UTC; a year ago unless given'),
  query('to', day, 'The last day, included; today unless given'),
]

const table = (id: string, summary: string, more: readonly JsonObject[]): DescribedOperation => ({
  id,
  tag: 'Billing',
  summary,
  parameters: [name, ...span, ...more],
  answers: {
    200: {
      description: 'CSV (RFC 4180, UTF-8) with a line of headings, streamed; amounts are decimals',
      schema: text,
      contentType: 'text/csv',
    },
  },
  errors: ['not_found', 'validation_error'],
})

/** Exports, by rule. */
export const exportDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/billing/export/:name': table('export_money', 'A table of money or of use, of everybody', [
    query('organization_id', text, 'Of one organization alone'),
  ]),
  'GET /api/v1/billing/export/:name': table('export_own_money', 'A table of own money or of own use', []),
}
