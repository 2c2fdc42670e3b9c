import type { InvoicePapers } from '#app/billing/print-invoices.ts'
import type { Outcome } from '#contract/outcome.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import { asMember } from '../account/member-request.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'

/** What printing needs. */
export interface PaperDependencies {
  readonly papers: InvoicePapers
}

/** Invoices, receipts and credit notes as PDF, for operators and for those whose they are, by rule. */
export function paperHandlers({ papers }: PaperDependencies): Readonly<Record<string, ControlHandler>> {
  const { invoice, receipt, creditNote } = papers
  return {
    'GET /admin/billing/invoices/:id/pdf': any(invoice),
    'GET /admin/billing/invoices/:id/receipt': any(receipt),
    'GET /admin/billing/credit-notes/:id/pdf': any(creditNote),
    'GET /api/v1/billing/invoices/:id/pdf': own(invoice),
    'GET /api/v1/billing/invoices/:id/receipt': own(receipt),
    'GET /api/v1/billing/credit-notes/:id/pdf': own(creditNote),
  }
}

type Print = InvoicePapers['invoice']

const any =
  (print: Print): ControlHandler =>
  async (asked) =>
    fileAnswer(await print(asked.parameters['id'] ?? ''), asked)

const own = (print: Print): ControlHandler =>
  asMember(async ({ actor }, asked) =>
    fileAnswer(await print(asked.parameters['id'] ?? '', actor.organizationId), asked),
  )

/** Nothing on the way keeps it: it is about one customer. */
function fileAnswer(printed: Awaited<ReturnType<Print>>, { requestId }: ControlRequest): Response {
  const outcome: Outcome<{ fileName: string; bytes: Uint8Array<ArrayBuffer> }> = printed
  if (!outcome.ok) return refusalAnswer(outcome, requestId)
  const { fileName, bytes } = outcome.value
  const headers = {
    'content-type': 'application/pdf',
    'content-disposition': `attachment; filename="${fileName}"`,
    'content-length': String(bytes.byteLength),
    'cache-control': 'private, no-store',
  }
  return new Response(bytes, { headers })
}
