import type { Rows } from '#contract/rows.gen.ts'
import { ownCall } from '../billing/dependencies.ts'
import { mappingOf, type PaymentDependencies } from './dependencies.ts'
import type { FollowPayment } from './follow-payment.ts'

/** Pages on which nobody shall pay any more. */
export interface ClosePages {
  /**
   * Closes every page of an invoice at its provider, where the provider can; what turns out to be paid on one is followed. A page that
   * could not be closed stays: a second payment that comes from it goes back by itself.
   */
  ofInvoice(invoiceId: string): Promise<void>
  /** Closes one. */
  one(payment: Rows['payment']): Promise<void>
}

const mostPages = 100

/** Joins the pages with their providers. */
export function createClosePages(deps: PaymentDependencies, follow: FollowPayment): ClosePages {
  const { records, capabilities, log } = deps

  const giveUp = (id: string) =>
    deps.invoke(ownCall({ module: 'payment', action: 'follow', id, input: { status: 'expired' } }))

  async function one({ id, provider }: Rows['payment']): Promise<void> {
    const page = await mappingOf(records, provider, 'checkout', id)
    if (page === undefined) {
      // Nobody has been led to it yet, and nobody will be.
      await giveUp(id)
      return
    }
    const checkoutId = page.external_id
    const closed = await capabilities
      .capability('payment', { provider })
      .expire_checkout({ checkout_id: checkoutId })
    if (closed.ok && closed.value.status === 'expired') {
      await giveUp(id)
      return
    }
    if (!closed.ok && closed.details?.['reason'] === 'not_offered') return
    const followed = closed.ok || closed.code === 'conflict' ? await follow(provider, { checkoutId }) : closed
    if (!followed.ok) log.warn({ payment: id, reason: followed.message }, 'a page could not be closed')
  }

  return {
    one,
    async ofInvoice(invoiceId) {
      const { items } = await records.list('payment', {
        where: [
          { field: 'invoice_id', op: 'eq', value: invoiceId },
          { field: 'method', op: 'eq', value: 'checkout' },
          { field: 'status', op: 'in', value: ['requested', 'failed'] },
        ],
        limit: mostPages,
      })
      for (const payment of items) await one(payment)
    },
  }
}
