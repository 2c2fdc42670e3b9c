import { ownCall } from '../billing/dependencies.ts'
import { mappingOf, type PaymentDependencies } from './dependencies.ts'
import type { FindLost } from './find-lost.ts'
import type { FindUnknown } from './find-unknown.ts'
import { type FollowDispute, followOpenDisputes } from './follow-dispute.ts'
import type { FollowPayment } from './follow-payment.ts'
import { queueEvent } from './receive-event.ts'
import { findLeftMethods } from './set-up-method.ts'
import type { SyncMethods } from './sync-methods.ts'

const dayMs = 86_400_000
/** Pages of providers are closed by then. */
const lookBackMs = 3 * dayMs
const keepEventsMs = 90 * dayMs
/** What is younger is still on its way. */
const usualMs = 5 * 60_000

/** What an hourly look found. */
export interface Reconciliation {
  /** Stored events that nobody had looked at. */
  readonly requeued: number
  /** Payments, refunds and disputes that had gone on without a message that reached us. */
  readonly found: number
  readonly failed: number
  /** Money at the providers that is none of ours, listed now. */
  readonly unknown: number
}

/** Finds what messages were lost: asks for every payment that is waited for, and looks at events that were left. */
export type ReconcilePayments = () => Promise<Reconciliation>

/** Asks the providers themselves, so that a message that never came costs an hour at most. */
export function createReconcilePayments(
  deps: PaymentDependencies,
  follow: FollowPayment,
  findUnknown: FindUnknown,
  followDispute: FollowDispute,
  findLost: FindLost,
  syncMethods: SyncMethods,
): ReconcilePayments {
  const { records, clock, log } = deps
  const before = (ageMs: number): string => new Date(clock.now() - ageMs).toISOString()

  async function requeue(): Promise<number> {
    let requeued = 0
    const where = [
      { field: 'status', op: 'eq', value: 'received' },
      { field: 'created_at', op: 'lt', value: before(usualMs) },
    ] as const
    for await (const { id } of records.each('provider_event', where)) {
      await queueEvent(deps, id)
      requeued += 1
    }
    return requeued
  }

  async function subjectOf(provider: string, id: string) {
    const payment = await mappingOf(records, provider, 'payment', id)
    if (payment !== undefined) return { paymentId: payment.external_id }
    const checkout = await mappingOf(records, provider, 'checkout', id)
    return checkout === undefined ? undefined : { checkoutId: checkout.external_id }
  }

  async function forget(): Promise<void> {
    const where = [
      { field: 'status', op: 'in', value: ['processed', 'ignored'] },
      { field: 'created_at', op: 'lt', value: before(keepEventsMs) },
    ] as const
    for await (const { id } of records.each('provider_event', where))
      await deps.invoke(ownCall({ module: 'provider_event', action: 'delete', id }))
  }

  return async () => {
    const requeued = await requeue()
    let found = 0
    let failed = 0
    const where = [
      { field: 'status', op: 'in', value: ['requested', 'processing', 'failed', 'expired'] },
      { field: 'created_at', op: 'gt', value: before(lookBackMs) },
    ] as const
    for await (const { id, provider } of records.each('payment', where)) {
      const subject = await subjectOf(provider, id)
      if (subject === undefined) continue
      const followed = await follow(provider, subject)
      if (!followed.ok) {
        failed += 1
        log.warn({ payment: id, reason: followed.message }, 'a payment could not be asked for; tried again')
      } else if (followed.value !== 'unchanged') found += 1
    }
    const listed = await findUnknown()
    const lost = await findLost()
    found += listed.found + lost.found
    failed += listed.failed + lost.failed
    found += await followOpenDisputes(deps, followDispute)
    found += await findLeftMethods(deps, syncMethods)
    await forget()
    if (found > 0) await deps.mail()
    return { requeued, found, failed, unknown: listed.unknown }
  }
}
