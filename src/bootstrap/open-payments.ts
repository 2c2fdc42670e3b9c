import { createDummyCheckouts } from '#adapters/provider/payment/dummy-checkouts.ts'
import { createDummyObjects } from '#adapters/provider/payment/dummy-objects.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { createPaymentLooks } from '#adapters/sql/payment-looks.ts'
import { ownCall } from '#app/billing/dependencies.ts'
import { createCarryOutRefund, refundJob } from '#app/payments/carry-out-refund.ts'
import { chargeJob, createChargeInvoice } from '#app/payments/charge-invoice.ts'
import { createClosePages } from '#app/payments/close-pages.ts'
import type { PaymentCounts } from '#app/payments/dependencies.ts'
import { createDummyPage, type DummyPage } from '#app/payments/dummy-page.ts'
import { createFindLost } from '#app/payments/find-lost.ts'
import { createFindUnknown } from '#app/payments/find-unknown.ts'
import { claimJob, createClaims } from '#app/payments/follow-claim.ts'
import { createFollowDispute } from '#app/payments/follow-dispute.ts'
import { createFollowPayment } from '#app/payments/follow-payment.ts'
import { createFollowSubscription } from '#app/payments/follow-subscription.ts'
import { createInitiatePayment, type InitiatePayment } from '#app/payments/initiate-payment.ts'
import { mailPayments } from '#app/payments/mail-payments.ts'
import { noticeDisputes } from '#app/payments/notice-disputes.ts'
import { type OfferedProvider, offeredProviders } from '#app/payments/offered-provider.ts'
import { createOwnMethods, type OwnMethods } from '#app/payments/own-methods.ts'
import { createProcessEvent } from '#app/payments/process-event.ts'
import { createReceiveEvent, eventJob, type ReceiveEvent } from '#app/payments/receive-event.ts'
import { createReconcilePayments, type ReconcilePayments } from '#app/payments/reconcile-payments.ts'
import { createSetUpMethod, type SetUpMethod } from '#app/payments/set-up-method.ts'
import { createPaymentSweep, mailJob, mayWake, type PaymentSweep, sweepJob } from '#app/payments/sweep.ts'
import { createDetachMethod, createSyncMethods, detachJob, methodsJob } from '#app/payments/sync-methods.ts'
import { createSyncPlans, planJob, type SyncPlans } from '#app/payments/sync-plans.ts'
import { createTakeRefunds } from '#app/payments/take-refunds.ts'
import type { DomainEvent } from '#contract/events.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Recurrence } from '#ports/recurrence.ts'
import type { House } from './open-house.ts'

/** How an instance is paid. */
export interface Payments {
  readonly receive: ReceiveEvent
  readonly initiate: InitiatePayment
  /** Who customers may pay by. */
  readonly offered: () => Promise<readonly OfferedProvider[]>
  /** The pages of the dummy. */
  readonly dummyPage: DummyPage
  readonly reconcile: ReconcilePayments
  /** What plans cost at the providers. */
  readonly plans: SyncPlans
  /** The ways to pay that customers keep. */
  readonly methods: OwnMethods
  /** Where customers leave a card without paying. */
  readonly setUpMethod: SetUpMethod
  /** Says who counts attempts. */
  countBy(counts: PaymentCounts): void
  /** Queues what is due, as every minute does. */
  readonly sweep: PaymentSweep['run']
  /** Waits until what commits have made due is on the queue. */
  idle(): Promise<void>
}

type Parts = Pick<
  House,
  'database' | 'engine' | 'clock' | 'ids' | 'log' | 'jobs' | 'mails' | 'billing' | 'providers'
>

const reconcileJob = 'payments.reconcile'
/** At 35 minutes past every hour: away from the biller. */
const hourly = '35 * * * *'

/** Joins the flows of payments of a house, and lets the queue do what comes in. */
export function openPayments(house: Parts): Payments {
  const { records, invoke, invokeAll } = house.engine
  const { queue } = house.jobs
  let counts: PaymentCounts = { attempt: () => undefined, failure: () => undefined }
  const deps = {
    records,
    invoke,
    invokeAll,
    ledger: house.billing.ledger,
    capabilities: house.providers.capabilities,
    catalogue: house.providers.catalogue,
    tell: house.providers.tell,
    queue,
    settle: house.billing.settle,
    async mail() {
      await house.billing.mail()
      await mailPayments({ records, invoke, log: house.log }, house.mails.send)
      await noticeDisputes({ records, invoke, tell: house.providers.tell })
    },
    counts: {
      attempt: (provider: string) => counts.attempt(provider),
      failure: (provider: string) => counts.failure(provider),
    },
    baseUrl: async () => (await house.mails.brand()).baseUrl,
    clock: house.clock,
    log: house.log,
  }
  const carryOutRefund = createCarryOutRefund(deps)
  const follow = createFollowPayment(deps, createTakeRefunds(deps, carryOutRefund))
  const syncMethods = createSyncMethods(deps)
  const followDispute = createFollowDispute(deps)
  const process = createProcessEvent(deps, {
    payment: follow,
    methods: syncMethods,
    dispute: followDispute,
    subscription: createFollowSubscription(deps),
  })
  const closePages = createClosePages(deps, follow)
  const charge = createChargeInvoice(deps, follow, closePages)
  const detach = createDetachMethod(deps)
  async function saveMethods(paymentId: string): Promise<Outcome<unknown>> {
    const payment = await records.get('payment', paymentId)
    if (payment === undefined || !payment.save_due) return accept(undefined)
    const synced = await syncMethods(payment.provider, payment.organization_id)
    if (!synced.ok) return synced
    return invoke(ownCall({ module: 'payment', action: 'saved', id: payment.id }))
  }
  const looks = createPaymentLooks(house.database.db)
  const reconcile = createReconcilePayments(
    deps,
    follow,
    createFindUnknown(deps, follow),
    followDispute,
    createFindLost(deps, looks, follow, followDispute),
    syncMethods,
  )
  const claims = createClaims(deps, follow)
  const plans = createSyncPlans(deps)
  const sweep = createPaymentSweep(deps, cron('* * * * *'))
  queue.register(eventJob, async ({ payload }) => again(await process(String(payload['id']))))
  queue.register(refundJob, async ({ payload }) => {
    const done = await carryOutRefund(String(payload['id']))
    if (done.ok && done.value === 'succeeded') await deps.mail()
    return again(done)
  })
  queue.register(claimJob, async ({ payload }) => {
    const done = await claims.follow(String(payload['id']))
    if (done.ok) await deps.mail()
    return again(done)
  })
  queue.register(reconcileJob, async () => {
    await claims.queueAll()
    await queuePlans(queue, plans, [everyPlan])
    return accept(await reconcile())
  })
  queue.register(chargeJob, async ({ payload }) =>
    again(await charge(String(payload['id']), { by: 'schedule' })),
  )
  queue.register(methodsJob, async ({ payload }) => again(await saveMethods(String(payload['id']))))
  queue.register(detachJob, async ({ payload }) => again(await detach(String(payload['id']))))
  queue.register(planJob, async ({ payload: { id } }) =>
    again(id === everyPlan ? await plans.all() : await plans.one(String(id))),
  )
  queue.register(mailJob, async () => accept(await deps.mail()))
  queue.register(sweepJob, async () => accept(await sweep.run()))
  queue.recurring(async () => [
    { schedule: `payments ${hourly}`, recurrence: cron(hourly), name: reconcileJob, payload: {} },
    ...(await sweep.schedules()),
  ])
  const wakening = openWakening(house, async (events) => {
    await sweep.wake(events)
    await claims.wake(events)
    await queuePlans(queue, plans, plansOf(events))
  })
  const dummyObjects = createDummyObjects({ records, invoke, ids: house.ids })
  return {
    receive: createReceiveEvent(deps),
    initiate: createInitiatePayment(deps, closePages),
    offered: () => offeredProviders(deps),
    dummyPage: createDummyPage(deps, createDummyCheckouts(dummyObjects)),
    reconcile,
    plans,
    methods: createOwnMethods(deps, charge),
    setUpMethod: createSetUpMethod(deps),
    countBy(next) {
      counts = next
    },
    sweep: sweep.run,
    ...wakening,
  }
}

const everyPlan = 'all'
/** Another provider has nothing yet of any plan. */
const choices: ReadonlySet<unknown> = new Set(['payment.provider', 'payment.offered', 'payment.plan_sync'])

/** The plans whose price at the providers a commit may have changed. */
const plansOf = (events: readonly DomainEvent[]): readonly string[] =>
  events.flatMap(({ module, record_id: id, data }) => {
    if (module === 'setting' && choices.has(data['key'])) return [everyPlan]
    return module === 'plan' ? [id] : []
  })

async function queuePlans(queue: Pick<JobQueue, 'enqueue'>, plans: SyncPlans, ids: readonly string[]) {
  if (ids.length > 0 && (await plans.isNeeded()))
    for (const id of new Set(ids)) await queue.enqueue({ name: planJob, payload: { id }, dedupeKey: id })
}

/** Whatever stood in the way this time may not the next time: the money is there or it is not. */
const again = (done: Outcome<unknown>): Outcome<unknown> =>
  done.ok ? done : refuse('service_unavailable', done.message)

function cron(text: string): Recurrence {
  const read = readCron(text)
  if (!read.ok) throw new Fault('internal_error', read.message)
  return read.value
}

/** Listens to commits without letting a writer wait. */
function openWakening({ engine, log }: Parts, wake: PaymentSweep['wake']): Pick<Payments, 'idle'> {
  const running = new Set<Promise<void>>()
  engine.onCommit((events) => {
    const isMine = events.some(({ module }) => module === 'unknown_payment') || plansOf(events).length > 0
    if (!mayWake(events) && !isMine) return
    const woken: Promise<void> = wake(events)
      .catch((error: unknown) =>
        log.warn({ error }, 'what is due of payments could not be queued; tried again'),
      )
      .finally(() => running.delete(woken))
    running.add(woken)
  })
  return {
    async idle() {
      await Promise.all(running)
    },
  }
}
