import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import type { DescribedOperation } from '#core/channel/openapi/operation.ts'

const id: JsonObject = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Its id or number',
  schema: { type: 'string', minLength: 1 },
}

const document = (operation: string, summary: string, mayWait = true): DescribedOperation => ({
  id: operation,
  tag: 'Billing',
  summary,
  parameters: [id],
  answers: {
    200: {
      description: 'The same document is the same bytes',
      schema: { type: 'string', contentMediaType: 'application/pdf' },
      contentType: 'application/pdf',
    },
  },
  errors: mayWait
    ? ['not_found', 'illegal_transition', 'service_unavailable']
    : ['not_found', 'service_unavailable'],
})

/** Printed documents, by rule. */
export const paperDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /admin/billing/invoices/:id/pdf': document('print_invoice', 'An invoice as PDF'),
  'GET /admin/billing/invoices/:id/receipt': document(
    'print_receipt',
    'The receipt of a paid invoice as PDF',
  ),
  'GET /admin/billing/credit-notes/:id/pdf': document('print_credit_note', 'A credit note as PDF', false),
  'GET /api/v1/billing/invoices/:id/pdf': document('download_invoice', 'An own invoice as PDF'),
  'GET /api/v1/billing/invoices/:id/receipt': document(
    'download_receipt',
    'The receipt of an own invoice that is paid, as PDF',
  ),
  'GET /api/v1/billing/credit-notes/:id/pdf': document(
    'download_credit_note',
    'An own credit note as PDF',
    false,
  ),
}
