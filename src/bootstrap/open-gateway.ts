import { createFileJournal } from '#adapters/journal/file-journal.ts'
import type { JournalFiles } from '#adapters/journal/segment-file.ts'
import { createSnapshotFollower } from '#app/access/follow-changes.ts'
import { loadSnapshot } from '#app/access/load-snapshot.ts'
import type { DomainEvent } from '#contract/events.ts'
import { Fault } from '#contract/outcome.ts'
import { createAdmitter } from '#gateway/admit.ts'
import { createResponseCache } from '#gateway/cache/response-cache.ts'
import { createCurrentMonth } from '#gateway/current-month.ts'
import { createClientAddress } from '#gateway/edge/client-address.ts'
import { createIsSecure } from '#gateway/edge/is-secure.ts'
import { createForwarder } from '#gateway/forward.ts'
import type { Inbound } from '#gateway/inbound.ts'
import { createKeyProofs, type KeyProof } from '#gateway/key-proofs.ts'
import type { LimitTable } from '#gateway/limits/limit-table.ts'
import { createPipeline } from '#gateway/pipeline.ts'
import { createPools, type PoolSharing, type Pools } from '#gateway/pools.ts'
import { createSettler } from '#gateway/settle.ts'
import { createSnapshotHolder } from '#gateway/snapshot.ts'
import { createWebSockets } from '#gateway/websocket/web-sockets.ts'
import { createWrongKeys } from '#gateway/wrong-keys.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { Clock } from '#ports/clock.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'
import type { KeyHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { UsageJournal } from '#ports/journal.ts'
import type { Log } from '#ports/log.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Records } from '#ports/records.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import { trustedProxies } from './trusted-proxies.ts'

/** What the data plane is made of: nothing of it is a database, so that it also runs on a thread without one. */
export interface GatewayParts {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly metrics: Metrics
  readonly tokenDigest: TokenDigest
  readonly keyHash: KeyHash
  /** Hears of each key whose slow hash was verified. */
  readonly proven: (proof: KeyProof) => void
  /** Where the snapshot is read from, at the start and after every change. */
  readonly records: Records
  readonly expressions: ExpressionCompiler
  readonly validators: BodyValidators
  /** Memory for answers that routes keep. */
  readonly cacheBytes: number
  readonly trustedProxies: readonly string[]
  readonly sharing: PoolSharing
  readonly journal: JournalPlace
  /** Where limits and quotas are counted, together with the other threads that have it. */
  readonly limits: LimitTable
}

/** Where usage is journalled; the name is this gateway's alone among all that ever wrote there. */
export interface JournalPlace {
  readonly directory: string
  readonly name: string
  readonly files?: JournalFiles
}

/** The data plane of one thread, without its listening socket. */
export interface Gateway {
  handle(inbound: Inbound): Promise<void> | undefined
  /** True when a route claims a path, whatever its host. */
  claims(path: string): boolean
  readonly journal: UsageJournal
  /** Takes committed changes into the snapshot; resolves when requests see them. */
  follow(events: readonly DomainEvent[]): Promise<void>
  /** Upstreams and their targets as this gateway sees them. */
  upstreams(): readonly UpstreamStatus[]
  /** Ends the WebSockets, and takes no new ones. */
  drainWebSockets(deadlineMs: number): Promise<void>
  /** What the health checks of upstreams say, to be shared with other threads. */
  readonly health: Pick<Pools, 'setChecking' | 'down' | 'believe'>
  /** Flushes and closes what requests need; call after the last request. */
  close(): void
}

/** Opens the data plane: fills the snapshot from what is stored. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { clock, ids, log, metrics } = parts
  const { records, expressions, validators } = parts
  const source = { records, expressions, validators }
  const trustsPeer = trustedProxies(parts.trustedProxies)
  if (!trustsPeer.ok) throw new Fault('validation_error', trustsPeer.message)
  const journal = createFileJournal({ ...parts.journal, clock })
  const snapshots = createSnapshotHolder(await loadSnapshot(source))
  const follow = createSnapshotFollower({
    source,
    ...snapshots,
    failed: ({ type, record_id: record }, error) => {
      log.error({ error, type, record }, 'a change could not be read and is left out of the gateway')
    },
  })

  const currentMonth = createCurrentMonth()
  const pools = createPools({ clock, log, metrics, sharing: parts.sharing })
  const followUpstreams = (): void =>
    pools.follow(new Set(snapshots.current().routes.targets.map(({ upstream }) => upstream)))
  followUpstreams()
  snapshots.onReplace(followUpstreams)
  const { tokenDigest, keyHash, proven } = parts
  const wrongKeys = createWrongKeys(parts.limits, clock)
  const proofs = createKeyProofs({ snapshots, tokenDigest, keyHash, wrongKeys, proven })
  const admitter = createAdmitter({
    snapshots,
    proofs,
    tokenDigest,
    currentMonth,
    table: parts.limits,
    metrics,
  })
  const settler = createSettler({ journal, metrics, clock })
  const webSockets = createWebSockets({
    clock,
    currentMonth,
    ids,
    journal,
    metrics,
    snapshots,
  })
  const isSecure = createIsSecure(trustsPeer.value)
  const forwarder = createForwarder({
    pools,
    cache: createResponseCache({ snapshots, clock, mostBytes: parts.cacheBytes }),
    settler,
    metrics,
    log,
    clock,
    isSecure,
    trustsPeer: trustsPeer.value,
  })
  return {
    handle: createPipeline({
      snapshots,
      admitter,
      proofs,
      forwarder,
      settler,
      webSockets,
      journal,
      metrics,
      clock,
      ids,
      clientAddress: createClientAddress(trustsPeer.value),
      isSecure,
    }),
    claims: (path) =>
      snapshots.current().routes.match({ method: 'GET', host: '', path, header: () => undefined }) !==
      undefined,
    journal,
    follow,
    upstreams: pools.status,
    drainWebSockets: webSockets.drain,
    health: pools,
    close() {
      pools.close()
      journal.close()
    },
  }
}
