import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { formatMoney } from '#domain/money.ts'
import type { DummyCheckout, DummyCheckouts } from '#ports/dummy-checkout.ts'
import { ownCall } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'
import { queueEvent } from './receive-event.ts'

/** A page with its amount in words. */
export interface ShownCheckout extends DummyCheckout {
  readonly amount: string
}

/** What somebody does on a page of the dummy. Nothing is there unless the dummy is what the instance is paid through. */
export interface DummyPage {
  show(id: string): Promise<Outcome<ShownCheckout>>
  /** Pays or declines, and tells the inbox of it as a provider's message would. */
  decide(id: string, isDeclined: boolean): Promise<Outcome<DummyCheckout>>
}

const about = (checkout_id: string, payment_id: string | undefined) => ({ checkout_id, payment_id })

const missing = refuse('not_found', 'There is no such page')

/** Joins the pages of the dummy with the inbox: what they say goes the way of every other provider's word. */
export function createDummyPage(
  deps: Pick<PaymentDependencies, 'catalogue' | 'invoke' | 'records' | 'queue' | 'log'>,
  checkouts: DummyCheckouts,
): DummyPage {
  const isActive = async (): Promise<boolean> =>
    (await deps.catalogue.list()).some(
      ({ capability, provider, is_active }) => capability === 'payment' && provider === 'dummy' && is_active,
    )

  /** The same payment is the same message; one that could not be queued is found by the hourly look. */
  async function tell({ id, paymentId, status, leavesCardOf }: DummyCheckout): Promise<void> {
    const isPaid = status === 'succeeded'
    const [subject, type, data] =
      leavesCardOf === undefined
        ? ([
            paymentId,
            isPaid ? 'payment.payment_succeeded' : 'payment.payment_failed',
            about(id, paymentId),
          ] as const)
        : ([id, 'payment.methods_changed', { customer_id: leavesCardOf }] as const)
    const event = { id: `evt_${subject}`, type, data }
    const input = {
      provider: 'dummy',
      event_id: event.id,
      event_type: type,
      body: JSON.stringify(event),
      ...data,
    }
    const stored = await deps.invoke(ownCall({ module: 'provider_event', action: 'create', input }))
    if (stored.ok) await queueEvent(deps, stored.value.row.id)
  }

  return {
    async show(id) {
      const shown = (await isActive()) ? await checkouts.show(id) : missing
      if (!shown.ok) return shown
      const { amountMinor, currency } = shown.value
      return accept({ ...shown.value, amount: formatMoney({ amountMinor: BigInt(amountMinor), currency }) })
    },
    async decide(id, isDeclined) {
      if (!(await isActive())) return missing
      const decided = await checkouts.decide(id, isDeclined)
      if (!decided.ok) return decided
      const { paymentId, leavesCardOf, status } = decided.value
      const isLeft = leavesCardOf !== undefined && status === 'succeeded'
      if (paymentId !== undefined || isLeft) await tell(decided.value)
      return decided
    },
  }
}
