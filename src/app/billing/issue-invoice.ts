import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { InvoiceLineDraft } from '#domain/billing/invoice-line.ts'
import type { Call } from '#ports/invoke.ts'
import { assembleInvoice } from './assemble-invoice.ts'
import { customerTerms, payeeOf, readSeller, readTaxRates } from './billing-terms.ts'
import { type BillingDependencies, ownCall, timeText } from './dependencies.ts'
import { finalizeCalls } from './finalize-calls.ts'

/** An invoice that is there at once, for anything that is no period. */
export interface InvoiceOrder {
  readonly organizationId: string
  readonly kind: 'change' | 'true_up' | 'credit' | 'manual'
  /** Names what it is for: the same origin is the same invoice, however often it is asked for. */
  readonly origin: string
  readonly currency: string
  readonly lines: readonly InvoiceLineDraft[]
  readonly subscription?: Rows['subscription']
  readonly original?: Rows['invoice']
  /** Written in the same transaction. */
  readonly also?: readonly Call[]
}

/** An invoice that was issued, and whether it was by this very call. */
export interface IssuedInvoice {
  readonly invoice: Rows['invoice']
  readonly isNew: boolean
}

/** Makes and finalizes an invoice in one transaction, once for its origin. */
export type IssueInvoice = (order: InvoiceOrder) => Promise<Outcome<IssuedInvoice>>

const mostTries = 3

/** Credit that somebody else uses meanwhile makes it work out the invoice again. */
export function createIssueInvoice(deps: BillingDependencies): IssueInvoice {
  const { records, clock } = deps

  async function attempt(order: InvoiceOrder): Promise<Outcome<IssuedInvoice>> {
    const nowMs = clock.now()
    const taxRates = await readTaxRates(records)
    const payee = await payeeOf(records, order.subscription?.api_id ?? null)
    const assembled = await assembleInvoice(
      { records, taxRates, seller: await readSeller(records), nowMs },
      await customerTerms(records, order.organizationId),
      {
        currency: order.currency,
        lines: order.lines,
        taxAtMs: nowMs,
        sellsCredit: order.kind === 'credit',
        ...(payee === undefined ? {} : { payee }),
      },
    )
    const create = ownCall({
      module: 'invoice',
      action: 'create',
      input: {
        organization_id: order.organizationId,
        kind: order.kind,
        origin: order.origin,
        currency: order.currency,
        finalize_at: timeText(nowMs),
        ...subscriptionFields(order),
        ...(payee === undefined ? {} : { payee_id: payee.payeeId }),
      },
    })
    const done = await deps.invokeAll([
      create,
      ...finalizeCalls(deps, order.origin, assembled),
      ...(order.also ?? []),
    ])
    if (!done.ok) return done
    return found(order.origin, true)
  }

  async function found(origin: string, isNew: boolean): Promise<Outcome<IssuedInvoice>> {
    const invoice = await records.getBy('invoice', 'origin', origin)
    return invoice === undefined
      ? refuse('not_found', 'There is no such invoice')
      : accept({ invoice, isNew })
  }

  return async (order) => {
    for (let tries = 1; ; tries += 1) {
      const known = await found(order.origin, false)
      if (known.ok) return known
      const issued = await attempt(order)
      if (issued.ok || issued.code !== 'conflict' || tries === mostTries) return issued
    }
  }
}

function subscriptionFields({ subscription, original }: InvoiceOrder) {
  return {
    ...(subscription === undefined
      ? {}
      : { subscription_id: subscription.id, plan_id: subscription.plan_id }),
    ...(original === undefined
      ? {}
      : {
          original_invoice_id: original.id,
          period_start: original.period_start,
          period_end: original.period_end,
        }),
  }
}
