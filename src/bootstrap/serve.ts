import { createServer, type Server } from 'node:http'
import { createPrometheusMetrics } from '#adapters/metrics/prometheus.ts'
import { lockDataDirectory } from '#adapters/sql/data-lock.ts'
import { ensureFirstOperator } from '#app/identity/ensure-first-operator.ts'
import { Fault } from '#contract/outcome.ts'
import type { Config } from './config.ts'
import { openControlDoor } from './control-door.ts'
import { journalDirectory, takeOverJournal } from './local-gateway.ts'
import { openLocalTraffic } from './local-traffic.ts'
import { offerSetup } from './offer-setup.ts'
import { openCertificates } from './open-certificates.ts'
import { openControl } from './open-control.ts'
import { listen } from './open-door.ts'
import { type House, type HouseParts, openHouse } from './open-house.ts'
import { createHouseWorker, startJobs } from './open-jobs.ts'
import { openOutbox } from './open-outbox.ts'
import { openReactions } from './open-reactions.ts'
import { openTestTime } from './open-test-time.ts'
import { openWebhooks, pruneWebhooks } from './open-webhooks.ts'
import { refuseInProduction } from './refuse-in-production.ts'
import { startUsageThread } from './usage-thread.ts'
import { openFleet } from './workers/fleet.ts'

/** An instance that answers. */
export interface Running {
  readonly url: string
  readonly port: number
  readonly gatewayUrl: string
  /** The operator token that was made at the very first start; shown this once. */
  readonly firstToken: string | undefined
  /** Makes the first account, while there is none; `POST /admin/setup` takes it once. */
  readonly setupToken: string | undefined
  readonly house: House
  /** Requests that the gateway is answering now. */
  active(): number
  /** Moves what is in the journal into the usage table. */
  drainUsage(): Promise<unknown>
  /** Waits until the notes that answers did not wait for are done, and the jobs that are due. */
  settle(): Promise<void>
  /** Records the webhooks of everything that is committed, and sends those that are due. */
  deliverWebhooks(): Promise<void>
  /** Reacts to everything that is committed. */
  react(): Promise<void>
  /** Lets requests finish, flushes the journal, and gives everything back. */
  close(): Promise<void>
}

const keptMinutesMs = 2 * 86_400_000
const purgeEveryMs = 60 * 60_000

/** Starts an instance: locks its data, opens it, and answers on its ports. Everything is given back when a step fails. */
export async function serve(config: Config, parts: HouseParts = {}): Promise<Running> {
  const undo: (() => unknown)[] = []
  try {
    return await start(config, parts, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

async function start(config: Config, parts: HouseParts, undo: (() => unknown)[]): Promise<Running> {
  const lock = lockDataDirectory(config.dataDirectory)
  undo.push(lock.release)
  const house = await openHouse(config, parts)
  undo.push(house.close)
  await refuseInProduction(house)
  const metrics = createPrometheusMetrics()
  house.billing.watchImbalance(metrics.ledgerImbalance)
  house.payments.countBy({ attempt: metrics.paymentAttempt, failure: metrics.paymentFailure })
  await takeOverJournal(house)
  let drainUsage: () => Promise<unknown> = house.drainUsage
  const drain = (): Promise<unknown> => drainUsage()
  const traffic =
    config.workers > 1 && (await canSharePort(house))
      ? await openFleet(house, metrics, parts.threads ?? {}, drain)
      : await openLocalTraffic(house, metrics, parts.journalFiles, drain)
  undo.push(() => traffic.close(0))
  const usage = startUsageThread({
    databaseDsn: config.databaseDsn,
    journalDirectory: journalDirectory(house),
    log: house.log,
    requests: house.requests,
    ...(house.testClock === undefined ? {} : { aheadMs: house.testClock.aheadMs }),
  })
  undo.push(usage.stop)
  drainUsage = usage.drain
  const { records, invoke } = house.engine
  const firstToken = await house.database.alone(() => ensureFirstOperator({ records, invoke }))
  const setupToken = await house.database.alone(() => offerSetup(house))

  let isDraining = false
  const worker = createHouseWorker(house, metrics)
  const certificates = openCertificates(config, house.log)
  const control = openControl(house, {
    testTime: openTestTime(house, { runDue: worker.runDue, drainUsage: usage.drain }),
    metrics: { ...metrics, ...traffic.report },
    isDraining: () => isDraining,
    upstreams: traffic.upstreams,
    certificates: () => certificates?.list() ?? [],
    liveRequests: house.requests,
    checks: {
      database: () => house.engine.lastSeq(),
      journal: async () => {
        if (!(await traffic.isReady()))
          throw new Fault('service_unavailable', 'the usage journal cannot be written')
      },
      usage_writer: async () => {
        if (usage.lagMs() > 60_000)
          throw new Fault('service_unavailable', 'the usage writer is a minute behind')
      },
    },
  })
  // Before anybody can change anything: new consumers hear of it all.
  const webhooks = openWebhooks(house, metrics, parts.webhookHttp)
  pruneWebhooks(house)
  undo.push(() => webhooks.stop(0))
  const reactions = openReactions(house, metrics)
  const ownConsumers = reactions === undefined ? [] : [reactions.consumer]
  const outbox = await openOutbox(house, [webhooks.consumer, ...ownConsumers, ...(parts.consumers ?? [])])
  undo.push(outbox.stop, () => reactions?.stop(0))
  webhooks.start()
  reactions?.start()
  const isShared = config.gatewayPort === undefined
  const controlServer = isShared ? undefined : openControlDoor(control.handle, house, certificates)
  const gatewayPort = await traffic.listen(
    config.gatewayPort ?? config.port,
    isShared ? control.handle : undefined,
  )
  const port =
    controlServer === undefined
      ? gatewayPort
      : await listen(controlServer.server, { port: config.port, host: config.host })
  const lagTimer = setInterval(() => metrics.journalLag(usage.lagMs() / 1000), 1_000)
  lagTimer.unref()
  startJobs(house, worker)
  undo.push(() => worker.stop(0))
  const purgeTimer = setInterval(() => {
    Promise.all([
      control.purge(),
      outbox.prune(),
      house.mails.forget(),
      reactions?.prune(),
      house.usageStore.forgetMinutes(house.clock.now() - keptMinutesMs),
    ]).catch((error: unknown) =>
      house.log.warn(
        { error },
        'kept answers, old events, notes of mails, old reactions and old durations could not be purged; tried again',
      ),
    )
  }, purgeEveryMs)
  purgeTimer.unref()

  return {
    url: urlOf(config, port),
    port,
    gatewayUrl: urlOf(config, gatewayPort),
    firstToken,
    setupToken,
    house,
    active: traffic.active,
    drainUsage: usage.drain,
    async settle() {
      await control.settle()
      await house.payments.idle()
      await worker.runDue()
    },
    async deliverWebhooks() {
      await outbox.drain()
      await webhooks.deliverDue()
    },
    async react() {
      await outbox.drain()
      await reactions?.runDue()
    },
    async close() {
      isDraining = true
      clearInterval(lagTimer)
      clearInterval(purgeTimer)
      control.closeLive()
      await traffic.close(config.drainTimeoutMs)
      await controlServer?.close()
      await control.settle()
      certificates?.close()
      await worker.stop(config.drainTimeoutMs)
      await usage.stop()
      await outbox.stop()
      await webhooks.stop(config.drainTimeoutMs)
      await reactions?.stop(config.drainTimeoutMs)
      await house.close()
      lock.release()
    },
  }
}

/** Not every system lets several threads listen on one port. */
async function canSharePort({ config, log }: House): Promise<boolean> {
  const server = createServer()
  try {
    await listen(server, { port: 0, host: config.host, reusePort: true })
    await closeNow(server)
    return true
  } catch (error) {
    log.warn({ error }, 'this system does not share a port between threads: one worker answers instead')
    return false
  }
}

function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function urlOf({ host, certificates }: Config, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::'
  const name = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${certificates.length > 0 ? 'https' : 'http'}://${name}:${port}`
}
