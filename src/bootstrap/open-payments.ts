import { createDummyCheckouts } from '#adapters/provider/payment/dummy-checkouts.ts'
import { createDummyObjects } from '#adapters/provider/payment/dummy-objects.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { createDummyPage, type DummyPage } from '#app/payments/dummy-page.ts'
import { createFollowPayment } from '#app/payments/follow-payment.ts'
import { createInitiatePayment, type InitiatePayment } from '#app/payments/initiate-payment.ts'
import { type OfferedProvider, offeredProviders } from '#app/payments/offered-provider.ts'
import { createProcessEvent } from '#app/payments/process-event.ts'
import { createReceiveEvent, eventJob, type ReceiveEvent } from '#app/payments/receive-event.ts'
import { createReconcilePayments, type ReconcilePayments } from '#app/payments/reconcile-payments.ts'
import { accept, refuse } from '#contract/outcome.ts'
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
}

type Parts = Pick<House, 'engine' | 'clock' | 'ids' | 'log' | 'jobs' | 'mails' | 'billing' | 'providers'>

const reconcileJob = 'payments.reconcile'
/** At 35 minutes past every hour: away from the biller. */
const hourly = '35 * * * *'

/** Joins the flows of payments of a house, and lets the queue do what comes in. */
export function openPayments(house: Parts): Payments {
  const { records, invoke } = house.engine
  const { queue } = house.jobs
  const deps = {
    records,
    invoke,
    capabilities: house.providers.capabilities,
    catalogue: house.providers.catalogue,
    queue,
    settle: house.billing.settle,
    mailInvoices: house.billing.mail,
    baseUrl: async () => (await house.mails.brand()).baseUrl,
    clock: house.clock,
    log: house.log,
  }
  const follow = createFollowPayment(deps)
  const process = createProcessEvent(deps, follow)
  const reconcile = createReconcilePayments(deps, follow)
  queue.register(eventJob, async ({ payload }) => {
    const done = await process(String(payload['id']))
    // Whatever stood in the way this time may not the next time: the money is there or it is not.
    return done.ok ? done : refuse('service_unavailable', done.message)
  })
  queue.register(reconcileJob, async () => accept(await reconcile()))
  const recurrence = readCron(hourly)
  if (recurrence.ok)
    queue.recurring(async () => [
      { schedule: `payments ${hourly}`, recurrence: recurrence.value, name: reconcileJob, payload: {} },
    ])
  const dummyObjects = createDummyObjects({ records, invoke, ids: house.ids })
  return {
    receive: createReceiveEvent(deps),
    initiate: createInitiatePayment(deps),
    offered: () => offeredProviders(deps),
    dummyPage: createDummyPage(deps, createDummyCheckouts(dummyObjects)),
    reconcile,
  }
}
