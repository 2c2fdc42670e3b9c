import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { LedgerEntry } from '#domain/ledger/entry.ts'
import { uncollectibleEntry, voidedEntry } from '#domain/ledger/invoice-entries.ts'
import type { Call } from '#ports/invoke.ts'
import { type BillingDependencies, ownCall } from './dependencies.ts'
import { storedAmounts } from './finalize-calls.ts'

/** Ends an invoice that was not paid. */
export type EndInvoice = (invoiceId: string) => Promise<Outcome<Rows['invoice']>>

/** Takes an invoice back as if it had never been owed; prepaid credit that it had used is there again. */
export const createVoidInvoice = (deps: BillingDependencies): EndInvoice =>
  createEnd(deps, 'void', (invoice) => voidedEntry(storedAmounts(invoice)), creditAgain)

/** Gives up what is due. */
export const createWriteOffInvoice = (deps: BillingDependencies): EndInvoice =>
  createEnd(deps, 'write_off', (invoice) =>
    uncollectibleEntry(storedAmounts(invoice), BigInt(invoice.amount_due)),
  )

function createEnd(
  deps: BillingDependencies,
  action: 'void' | 'write_off',
  entryOf: (invoice: Rows['invoice']) => LedgerEntry,
  also: (invoice: Rows['invoice']) => readonly Call[] = () => [],
): EndInvoice {
  const { records, ledger, clock } = deps
  return async (invoiceId) => {
    const invoice = await records.get('invoice', invoiceId)
    if (invoice === undefined) return refuse('not_found', 'There is no such invoice')
    const end = ownCall({
      module: 'invoice',
      action,
      id: invoice.id,
      async beforeCommit(transaction, { row }) {
        // A credit note of another process would have changed what there is to undo.
        if (row['credited'] !== invoice.credited) throw new Error('the invoice has changed meanwhile')
        await ledger.post(transaction, entryOf(invoice), clock.now())
      },
    })
    const done = await deps.invokeAll([end, ...also(invoice)])
    if (!done.ok) return done
    return accept((await records.get('invoice', invoiceId)) ?? invoice)
  }
}

const creditAgain = (invoice: Rows['invoice']): readonly Call[] =>
  invoice.credit_applied === 0
    ? []
    : [
        ownCall({
          module: 'credit_grant',
          action: 'create',
          input: {
            organization_id: invoice.organization_id,
            kind: 'credit_note',
            origin: `void:${invoice.id}`,
            currency: invoice.currency,
            amount: invoice.credit_applied,
            priority: 0,
          },
        }),
      ]
