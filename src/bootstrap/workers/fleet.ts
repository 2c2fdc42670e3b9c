import { createServer } from 'node:net'
import { sealJournal } from '#adapters/journal/read-segments.ts'
import type { CountingMetrics } from '#adapters/metrics/prometheus.ts'
import { quotaAccount } from '#gateway/limits/quota-account.ts'
import { followCommits } from '../follow-commits.ts'
import { journalDirectory, journalName } from '../local-gateway.ts'
import { listen } from '../open-door.ts'
import type { House } from '../open-house.ts'
import { openLimits } from '../open-limits.ts'
import { openPrepaidCounts } from '../open-prepaid-counts.ts'
import { openRouteCaps } from '../open-route-caps.ts'
import { readSecrets } from '../secrets.ts'
import type { Traffic } from '../traffic.ts'
import { createCheckDuty } from './check-duty.ts'
import { createFleetReport } from './fleet-report.ts'
import type { RelayAddress } from './messages.ts'
import { openRelayServer, type RelayServer } from './relay-server.ts'
import { createSharedReads } from './shared-reads.ts'
import { openSlot, type Slot } from './slot.ts'
import { createSpreading } from './spread-changes.ts'
import { startThread, type ThreadHandle, type ThreadOptions } from './thread-handle.ts'
import { usualWatch } from './watch-thread.ts'

/** Opens the data plane on several threads that share one port. The main thread keeps the control plane and the database. */
export async function openFleet(
  house: House,
  metrics: CountingMetrics,
  options: ThreadOptions,
  drainUsage: () => Promise<unknown>,
): Promise<Traffic> {
  const { config, log } = house
  const count = config.workers
  const reads = createSharedReads(house.engine.records)
  const activity = new SharedArrayBuffer(4 * (count + 1))
  const active = new Int32Array(activity)
  const counted = { clock: house.clock, usage: house.usageStore, records: house.engine.records }
  const limits = await openLimits(counted, count + 1)
  const directory = journalDirectory(house)
  const { keyPepper } = readSecrets(config)
  const firstName = journalName(house)
  let slots: readonly Slot[] = []
  let relay: RelayServer | undefined
  const { patienceMs } = options
  const spread = createSpreading({ slots: () => slots, reads, log, patienceMs })
  const report = createFleetReport(() => slots, metrics, patienceMs)
  const duty = createCheckDuty(() => slots)

  const nameOf = (number: number, turn: number): string => `${firstName}-w${number}-${turn + 1}`

  function start(number: number, turn: number, address: RelayAddress | undefined): ThreadHandle {
    const place = { journalDirectory: directory, journalName: nameOf(number, turn) }
    const shared = { config, keyPepper, activity, limits: limits.buffer, workers: count, relay: address }
    return startThread(
      { role: 'gateway', number, ...shared, ...place },
      {
        reads,
        log,
        options,
        proven: house.keyDuties.renewKeyHash,
        found: (down) => duty.found(number, down),
      },
    )
  }

  function ended(number: number, turn: number): void {
    active[number] = 0
    limits.releaseWorker(number)
    duty.left(number)
    report.retire(number)
    sealJournal(directory, nameOf(number, turn))
  }

  const lastSeq = await house.engine.lastSeq()
  const account = quotaAccount(limits)
  const countNewCaps = await openRouteCaps({ ...counted, log, drainUsage }, account)
  const countPrepaid = await openPrepaidCounts({ ...counted, log, drainUsage }, account)
  const stopFollowing = followCommits(house, lastSeq, countPrepaid(countNewCaps(spread)))
  return {
    async listen(port, control) {
      if (control !== undefined) relay = await openRelayServer(config.dataDirectory, control)
      if (port !== 0) await makeSureItIsFree(port, config.host)
      const address = relay?.address
      const numbers = Array.from({ length: count }, (_, index) => index + 1)
      const open = (number: number, wanted: () => Promise<number>): Slot =>
        openSlot(number, {
          start: (turn) => start(number, turn, address),
          listening: () => duty.joined(number),
          ended: (turn) => ended(number, turn),
          port: wanted,
          watch: options.watch ?? usualWatch,
          log,
        })
      let taken: number | undefined
      const first = open(1, async () => taken ?? port)
      slots = [first, ...numbers.slice(1).map((number) => open(number, () => first.opened))]
      taken = await first.opened
      await Promise.all(slots.map(({ opened }) => opened))
      return taken
    },
    active: () => active.reduce((sum, each) => sum + each, 0),
    isReady: async () => slots.every((slot) => slot.isListening()) && (await report.isWritable()),
    upstreams: report.upstreams,
    report,
    async close(deadlineMs) {
      stopFollowing()
      await Promise.all(slots.map((slot) => slot.close(deadlineMs)))
      await relay?.close()
    },
  }
}

/** Shared ports can be taken by any number of processes of one user; another instance must not get a part of our requests. */
async function makeSureItIsFree(port: number, host: string): Promise<void> {
  const server = createServer()
  await listen(server, { port, host, exclusive: true })
  await new Promise((resolve) => server.close(resolve))
}
