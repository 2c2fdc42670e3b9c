import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { creditNotePaper, invoicePaper, receiptPaper } from '#domain/billing/invoice-paper.ts'
import type { Paper } from '#domain/billing/paper.ts'
import type { PrintPaper } from '#ports/paper.ts'
import type { Records } from '#ports/records.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'
import { linesOf } from './invoice-lines.ts'
import { findInvoice } from './verify-invoice.ts'

/** A document as a file. */
export interface PrintedPaper {
  readonly fileName: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Prints one document, named by its id or number; of one organization alone where one is given. */
type Print = (idOrNumber: string, within?: string) => Promise<Outcome<PrintedPaper>>

/** The documents that customers get about money, as PDF: the same document is the same bytes, however often it is asked for. */
export interface InvoicePapers {
  readonly invoice: Print
  readonly receipt: Print
  readonly creditNote: Print
}

const missing = refuse('not_found', 'There is no such invoice')
const missingNote = refuse('not_found', 'There is no such credit note')

/** Makes the printing; a few at once, and who finds too many waiting is to come again. */
export function createInvoicePapers(deps: {
  readonly records: Records
  readonly print: PrintPaper
  readonly gate: NarrowGate
}): InvoicePapers {
  const { records, gate } = deps

  async function printed(paper: Paper): Promise<Outcome<PrintedPaper>> {
    if (gate.isFull())
      return refuse('service_unavailable', 'Too many documents are printed at this moment', {
        retry_after: 5,
      })
    const bytes = await gate.run(() => deps.print(paper))
    return accept({ fileName: fileNameOf(paper), bytes })
  }

  async function found(idOrNumber: string, within: string | undefined): Promise<Outcome<Rows['invoice']>> {
    const invoice = await findInvoice(deps, idOrNumber)
    if (invoice === undefined || (within !== undefined && invoice.organization_id !== within)) return missing
    return invoice.status === 'draft'
      ? refuse('illegal_transition', 'The invoice is a draft: it has no number yet')
      : accept(invoice)
  }

  return {
    async invoice(idOrNumber, within) {
      const invoice = await found(idOrNumber, within)
      if (!invoice.ok) return invoice
      return printed(invoicePaper(invoice.value, await linesOf(records, invoice.value.id)))
    },
    async receipt(idOrNumber, within) {
      const invoice = await found(idOrNumber, within)
      if (!invoice.ok) return invoice
      if (invoice.value.status !== 'paid')
        return refuse('illegal_transition', 'The invoice is not paid: there is no receipt yet')
      return printed(receiptPaper(invoice.value, await linesOf(records, invoice.value.id)))
    },
    async creditNote(idOrNumber, within) {
      const note =
        (await records.get('credit_note', idOrNumber)) ??
        (await records.getBy('credit_note', 'number', idOrNumber))
      if (note === undefined || (within !== undefined && note.organization_id !== within)) return missingNote
      const invoice = await records.get('invoice', note.invoice_id)
      return invoice === undefined ? missingNote : printed(creditNotePaper(note, invoice))
    },
  }
}

/** What stands on paper may be anything; what stands in a header and on a disk may not. */
const fileNameOf = ({ title, number }: Paper): string => {
  const name = title === 'Receipt' ? `${number}-receipt` : number
  return `${name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100) || 'document'}.pdf`
}
