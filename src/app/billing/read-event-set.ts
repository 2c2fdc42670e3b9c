import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { BillingDependencies } from './dependencies.ts'
import { eventSetOf, findInvoice } from './verify-invoice.ts'

/** The usage events behind an invoice, as a file: its name, its SHA-256 as the invoice has it, and its text in pieces. */
export interface InvoiceEvents {
  readonly number: string
  readonly hash: string
  readonly text: AsyncIterable<string>
}

/** Reads the event set of an invoice, named by its id or number; of one organization alone where one is given. */
export type EventSets = (idOrNumber: string, within?: string) => Promise<Outcome<InvoiceEvents>>

/** Makes the reading. */
export function createReadEventSet(deps: Pick<BillingDependencies, 'records' | 'evidence'>): EventSets {
  return async (idOrNumber, within) => {
    const invoice = await findInvoice(deps, idOrNumber)
    const isTheirs = within === undefined || invoice?.organization_id === within
    if (invoice === undefined || !isTheirs) return refuse('not_found', 'There is no such invoice')
    const set = eventSetOf(invoice)
    if (set === undefined) return refuse('not_found', 'The invoice counts no usage')
    return accept({
      number: invoice.number ?? invoice.id,
      hash: invoice.event_set_hash ?? '',
      text: deps.evidence.text(set),
    })
  }
}
