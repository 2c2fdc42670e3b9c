import { join } from 'node:path'
import { createFileJournal } from '#adapters/journal/file-journal.ts'
import { openJournalSegments, sealStale } from '#adapters/journal/read-segments.ts'
import type { JournalFiles } from '#adapters/journal/segment-file.ts'
import { createSnapshotFollower } from '#app/access/follow-changes.ts'
import { loadSnapshot } from '#app/access/load-snapshot.ts'
import { Fault } from '#contract/outcome.ts'
import { createAdmitter } from '#gateway/admit.ts'
import { createCurrentMonth } from '#gateway/current-month.ts'
import { createForwarder } from '#gateway/forward.ts'
import type { Inbound } from '#gateway/inbound.ts'
import { createPipeline } from '#gateway/pipeline.ts'
import { monthlyQuotaPolicy } from '#gateway/policies/monthly-quota.ts'
import { tokenBucketPolicy } from '#gateway/policies/token-bucket.ts'
import { createPools } from '#gateway/pools.ts'
import { createSettler } from '#gateway/settle.ts'
import { createSnapshotHolder } from '#gateway/snapshot.ts'
import type { UsageJournal } from '#ports/journal.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import { createUsageWriter } from '#worker/usage-writer.ts'
import type { House } from './open-house.ts'
import { trustedProxies } from './trusted-proxies.ts'

/** The data plane of one process, without its listening socket. */
export interface Gateway {
  handle(inbound: Inbound): void
  /** True when a route claims `/`. */
  claimsRoot(): boolean
  readonly journal: UsageJournal
  /** Upstreams and their targets as this process sees them. */
  upstreams(): readonly UpstreamStatus[]
  /** Flushes and closes what requests need; call after the last request. */
  close(): void
}

const followIntervalMs = 100

/** Where a house keeps its usage journal. */
export const journalDirectory = (house: Pick<House, 'config'>): string =>
  join(house.config.dataDirectory, 'journal')

/** Opens the data plane: takes over what an earlier process left in the journal, then fills snapshot and quota counters from the database. */
export async function openGateway(house: House, metrics: Metrics, files?: JournalFiles): Promise<Gateway> {
  const { clock, engine, ids, log } = house
  const trustsPeer = trustedProxies(house.config.trustedProxies)
  if (!trustsPeer.ok) throw new Fault('validation_error', trustsPeer.message)
  const name = `${clock.now().toString(36)}-${process.pid}`
  await takeOverJournal(house, name)
  const journal = createFileJournal({
    directory: journalDirectory(house),
    name,
    clock,
    ...(files === undefined ? {} : { files }),
  })

  let lastSeq = await engine.lastSeq()
  const snapshots = createSnapshotHolder(await loadSnapshot(engine.records))
  const follow = createSnapshotFollower({
    records: engine.records,
    ...snapshots,
    failed: ({ type, record_id: record }, error) => {
      log.error({ error, type, record }, 'a change could not be read and is left out of the gateway')
    },
  })
  engine.onCommit(async (events) => {
    await follow(events)
    if (events[0]?.seq === lastSeq + 1) lastSeq = events.at(-1)?.seq ?? lastSeq
  })
  // Other processes write to the same database too, the command line for one: their commits are in the outbox.
  const stopFollowing = repeat(
    followIntervalMs,
    async () => {
      const events = await engine.eventsSince(lastSeq, 1_000)
      if (events.length === 0) return
      await follow(events)
      lastSeq = Math.max(lastSeq, events.at(-1)?.seq ?? 0)
    },
    (error) => log.error({ error }, 'changes of other processes could not be read'),
  )

  const currentMonth = createCurrentMonth()
  const pools = createPools({ clock, log, metrics })
  const followUpstreams = (): void =>
    pools.follow(new Set(snapshots.current().routes.targets.map(({ upstream }) => upstream)))
  followUpstreams()
  snapshots.onReplace(followUpstreams)
  const admitter = createAdmitter({
    snapshots,
    tokenDigest: house.tokenDigest,
    currentMonth,
    policies: [
      tokenBucketPolicy,
      monthlyQuotaPolicy(currentMonth, () => snapshots.current().settings.upgradeUrl),
    ],
  })
  const month = currentMonth(clock.now())
  for (const [subscriptionId, units] of await house.usageStore.unitsBySubscription(month.start, month.end)) {
    const quota = admitter.quotaOf(subscriptionId)
    quota.monthStart = month.start
    quota.used = units
  }
  const settler = createSettler({ journal, metrics, clock })
  const forwarder = createForwarder({
    pools,
    settler,
    metrics,
    log,
    clock,
    currentMonth,
    trustsPeer: trustsPeer.value,
  })
  return {
    handle: createPipeline({ snapshots, admitter, forwarder, journal, metrics, clock, ids, currentMonth }),
    claimsRoot: () =>
      snapshots.current().routes.match({ method: 'GET', host: '', path: '/', header: () => undefined }) !==
      undefined,
    journal,
    upstreams: pools.status,
    close() {
      stopFollowing()
      pools.close()
      journal.close()
    },
  }
}

async function takeOverJournal(house: House, exceptName: string): Promise<void> {
  const directory = journalDirectory(house)
  sealStale(directory, exceptName)
  const writer = createUsageWriter({
    segments: openJournalSegments(directory),
    store: house.usageStore,
    clock: house.clock,
    log: house.log,
  })
  const { events } = await writer.drain()
  if (events > 0) house.log.info({ events }, 'usage of an earlier run taken over')
}

function repeat(intervalMs: number, work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let isStopped = false
  let timer: NodeJS.Timeout
  const next = (): void => {
    if (isStopped) return
    timer = setTimeout(() => void work().catch(failed).finally(next), intervalMs)
    timer.unref()
  }
  next()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
