import { join } from 'node:path'
import { openJournalSegments, sealStale } from '#adapters/journal/read-segments.ts'
import type { JournalFiles } from '#adapters/journal/segment-file.ts'
import { quotaAccount } from '#gateway/limits/quota-account.ts'
import { unshared } from '#gateway/pools.ts'
import type { Metrics } from '#ports/metrics.ts'
import { createUsageWriter } from '#worker/usage-writer.ts'
import { followCommits } from './follow-commits.ts'
import { type Gateway, openGateway } from './open-gateway.ts'
import type { House } from './open-house.ts'
import { openLimits } from './open-limits.ts'
import { openPrepaidCounts } from './open-prepaid-counts.ts'
import { openRouteCaps } from './open-route-caps.ts'

/** Where a house keeps its usage journal. */
export const journalDirectory = (house: Pick<House, 'config'>): string =>
  join(house.config.dataDirectory, 'journal')

/** What the journals of this start are called: the names of one start are those of no other, also not on another node. */
export const journalName = ({ clock, runId }: Pick<House, 'clock' | 'runId'>): string =>
  `${clock.now().toString(36)}-${process.pid}-${runId}`

/** Opens the data plane on the thread of its house, and keeps it true to what is committed until it is closed. */
export async function openLocalGateway(
  house: House,
  metrics: Metrics,
  files: JournalFiles | undefined,
  drainUsage: () => Promise<unknown>,
): Promise<Gateway> {
  const lastSeq = await house.engine.lastSeq()
  const { clock, ids, log, tokenDigest, keyHash, config } = house
  const counted = { clock, usage: house.usageStore, records: house.engine.records }
  const limits = await openLimits(counted, 1)
  const gateway = await openGateway({
    clock,
    ids,
    log,
    metrics,
    tokenDigest,
    keyHash,
    proven: house.keyDuties.renewKeyHash,
    records: house.engine.records,
    expressions: house.expressions,
    validators: house.validators,
    limits,
    cacheBytes: house.config.cacheBytes,
    trustedProxies: config.trustedProxies,
    sharing: unshared,
    journal: {
      directory: journalDirectory(house),
      name: journalName(house),
      ...(files === undefined ? {} : { files }),
    },
  })
  const account = quotaAccount(limits)
  const countNewCaps = await openRouteCaps({ ...counted, log, drainUsage }, account)
  const countPrepaid = await openPrepaidCounts({ ...counted, log, drainUsage }, account)
  const stopFollowing = followCommits(house, lastSeq, countPrepaid(countNewCaps(gateway.follow)))
  return {
    ...gateway,
    close() {
      stopFollowing()
      gateway.close()
    },
  }
}

/** Moves what earlier processes left in the journal into the usage table; to be called before this one writes to it. */
export async function takeOverJournal(house: House): Promise<void> {
  const directory = journalDirectory(house)
  sealStale(directory, journalName(house))
  const writer = createUsageWriter({
    segments: openJournalSegments(directory),
    store: house.usageStore,
    clock: house.clock,
    log: house.log,
  })
  const { events } = await writer.drain()
  if (events > 0) house.log.info({ events }, 'usage of an earlier run taken over')
}
