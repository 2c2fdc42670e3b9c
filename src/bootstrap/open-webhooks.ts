import { signWebhook } from '#adapters/crypto/standard-webhook.ts'
import { createOutboundHttp } from '#adapters/http/outbound-http.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { createWebhookLog } from '#adapters/sql/webhook-log.ts'
import { createJobQueue, type OpenJobQueue } from '#app/jobs/job-queue.ts'
import { createDeliverWebhooks } from '#app/webhooks/deliver-webhooks.ts'
import { createFollowHealth } from '#app/webhooks/endpoint-health.ts'
import { schedulePruning } from '#app/webhooks/prune-deliveries.ts'
import { createQueueDeliveries, webhookJob } from '#app/webhooks/queue-deliveries.ts'
import { createRecordDeliveries } from '#app/webhooks/record-deliveries.ts'
import { createTellDisabled } from '#app/webhooks/tell-disabled.ts'
import { Fault } from '#contract/outcome.ts'
import type { OutboxConsumer } from '#core/runtime/dispatch.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { OutboundHttp } from '#ports/outbound-http.ts'
import { createJobWorker } from '#worker/job-worker.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { House } from './open-house.ts'
import { isToldOf } from './told-events.ts'

/** Endpoints that are served at the same time, each by a job of its own: a slow one holds no other one up. */
const endpointsAtOnce = 32
/** A process that is killed holds its endpoints up for so long. */
const leaseMs = 30_000
/** How often deliveries are looked for that are to be tried again, or that a crash has left behind. */
const lookEveryMs = 1_000
const pruneAt = '17 3 * * *'

/** The webhooks of a house that serves. */
export interface OpenWebhooks {
  readonly consumer: OutboxConsumer
  /** Delivers from now on, in the background, until `stop`. */
  start(): void
  /** Delivers everything that is recorded and due, and answers how many jobs that was. */
  deliverDue(): Promise<number>
  /** To be called when nobody tells the consumer of events any more. */
  stop(graceMs: number): Promise<void>
}

/** Makes them; nothing is sent before `start` or `deliverDue`. `http` is the product's own client unless given. */
export function openWebhooks(house: House, metrics: Metrics, http?: OutboundHttp): OpenWebhooks {
  const { engine, clock, ids, database } = house
  // A queue of their own for this worker alone: receivers that hang must not hold up mails.
  const queue = createJobQueue({ capabilities: house.providers.capabilities })
  const log = createWebhookLog(database.db)
  queue.register(webhookJob, deliveryHandler(house, metrics, http ?? createOutboundHttp()))
  const worker = openWorker(house, queue, metrics)
  const queueDue = createQueueDeliveries({ log, queue, clock })
  const look = oneAtATime(queueDue, (error) =>
    house.log.error({ error }, 'due webhooks could not be queued; tried again'),
  )
  const record = createRecordDeliveries({ ids, clock, isTold: isToldOf(engine.modules) })
  let timer: NodeJS.Timeout | undefined
  return {
    consumer: {
      name: 'webhooks',
      // Nobody hears of what was before its endpoint: from the beginning no event can slip by the first start.
      from: 'beginning',
      handle: (events, { db }) => record(events, createWebhookLog(db)),
      committed: look.run,
    },
    start() {
      queue.onEnqueued(worker.wake)
      worker.start()
      timer ??= setInterval(look.run, lookEveryMs)
      timer.unref()
    },
    async deliverDue() {
      // Twice nothing in a row: what the started worker was at meanwhile has come to its end, too.
      for (let done = 0, quiet = 0; ; ) {
        const due = await queueDue()
        const jobs = await worker.runDue()
        done += jobs
        quiet = jobs === 0 ? quiet + 1 : 0
        if (due === 0 || quiet === 2) return done
      }
    },
    async stop(graceMs) {
      clearInterval(timer)
      await look.idle()
      await worker.stop(graceMs)
    },
  }
}

/** Lets old deliveries go by a schedule of the house's own worker. */
export function pruneWebhooks({ engine, clock, database, jobs }: House): void {
  const recurrence = readCron(pruneAt)
  if (!recurrence.ok) throw new Fault('internal_error', recurrence.message)
  const log = createWebhookLog(database.db)
  schedulePruning({ queue: jobs.queue, log, records: engine.records, clock, recurrence: recurrence.value })
}

function deliveryHandler(house: House, metrics: Metrics, http: OutboundHttp) {
  const { engine, clock, ids, mails, providers } = house
  const { records, invoke } = engine
  const tell = createTellDisabled({ records, sendMail: mails.send, tell: providers.tell, log: house.log })
  return createDeliverWebhooks({
    log: createWebhookLog(house.database.db),
    records,
    http,
    sign: signWebhook,
    clock,
    chance: Math.random,
    metrics,
    followHealth: createFollowHealth({ records, invoke, ids, clock, tell }),
  })
}

function openWorker(house: House, jobs: OpenJobQueue, metrics: Metrics) {
  const { clock, log, providers } = house
  const { capabilities } = providers
  return createJobWorker({
    jobs,
    capabilities,
    clock,
    log,
    metrics,
    chance: Math.random,
    mostAtOnce: endpointsAtOnce,
    leaseMs,
  })
}
