import { refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { UsageJournal } from '#ports/journal.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { GatewaySettings, RouteEntry } from '#ports/snapshot.ts'
import { type Admitter, rawKeyOf } from './admit.ts'
import { type Approached, approach } from './approach.ts'
import type { Call } from './call.ts'
import type { ClientAddress } from './edge/client-address.ts'
import type { IsSecure } from './edge/is-secure.ts'
import type { Forwarder } from './forward.ts'
import type { Inbound } from './inbound.ts'
import type { KeyProofs } from './key-proofs.ts'
import { createMeter } from './measure/meter.ts'
import { takeQueryParameter } from './request-target.ts'
import type { Settler } from './settle.ts'
import type { SnapshotHolder } from './snapshot.ts'
import { createTurnAway } from './turn-away.ts'
import type { ForwardFacts } from './upstream-request.ts'
import type { Terms } from './websocket/connection-bill.ts'
import type { WebSockets } from './websocket/web-sockets.ts'

/** Everything the pipeline needs. */
export interface PipelineDeps {
  readonly snapshots: SnapshotHolder
  readonly admitter: Admitter
  readonly proofs: Pick<KeyProofs, 'prove'>
  readonly forwarder: Forwarder
  readonly settler: Settler
  readonly webSockets: Pick<WebSockets, 'isDraining' | 'upgrade'>
  readonly journal: UsageJournal
  readonly metrics: Metrics
  readonly clock: Clock
  readonly ids: Ids
  readonly clientAddress: ClientAddress
  readonly isSecure: IsSecure
}

/**
 * The order of a proxied request (contracts section 3): approach (read, match the route, check the address and the body's size), admit
 * (key, standing, subscription, limits, quota), forward, settle. Whatever is refused on the way was neither counted nor forwarded. All of
 * it is one turn; only a key whose slow hash is verified for the first time is waited for, and then begun with again.
 */
export function createPipeline(deps: PipelineDeps): (inbound: Inbound) => Promise<void> | undefined {
  const turnAway = createTurnAway(deps.metrics, deps.isSecure)

  function forward(
    call: Call,
    facts: ForwardFacts,
    { handshake }: Approached,
    settings: GatewaySettings,
    terms: Terms | undefined,
  ): void {
    try {
      if (handshake === undefined || terms === undefined) deps.forwarder.forward(call, facts, settings)
      else deps.forwarder.forward(call, facts, settings, deps.webSockets.upgrade(call, handshake, terms))
    } catch (error) {
      // Whoever called answers the failure; nothing may stay held for it.
      deps.settler.settle(call, { status: 500, kind: 'failed', isComplete: false }, () => {})
      throw error
    }
  }

  return function handle(client, isProven = false): Promise<void> | undefined {
    const now = deps.clock.now()
    const id = deps.ids.next('req')
    const { head } = client
    if (!head.ok) return turnAway(client, head, id, now)
    const requestId = head.requestId ?? id
    const snapshot = deps.snapshots.current()
    const asked = approach(snapshot, client, head, requestId, deps.clientAddress)
    if (!asked.ok)
      return asked.refusal === undefined ? undefined : turnAway(asked.inbound, asked.refusal, requestId, now)

    const { inbound, target, match, address, handshake } = asked
    const route = match.target
    const unready = handshake !== undefined && deps.webSockets.isDraining ? stopping : unwritable(deps, route)
    if (unready !== undefined) return turnAway(inbound, unready, requestId, now)
    const { query, value: queryKey } = takeQueryParameter(target.query, 'api_key')
    const rawKey = rawKeyOf(head, snapshot.settings.allowsQueryKey ? queryKey : undefined)
    const { metering } = match.plans
    const admission = deps.admitter.admit(rawKey, route, metering.worstCaseUnits, now, address)
    if (!admission.ok) {
      const { refusal, limits } = admission
      const mayBeKnown = refusal.code === 'invalid_api_key' && !isProven
      const proof = mayBeKnown ? deps.proofs.prove(rawKey, address) : undefined
      if (proof instanceof Promise) return whileHere(client, proof, () => handle(client, true))
      return turnAway(inbound, proof ?? refusal, requestId, now, limits)
    }

    const { grant, holds } = admission
    const isMeasured = grant !== null && metering.fixedUnits === null
    const call: Call = {
      inbound,
      id,
      requestId,
      startedAt: now,
      path: target.path,
      route,
      plans: match.plans,
      grant,
      holds,
      meter: isMeasured ? createMeter(metering, { method: inbound.method, path: target.path }) : null,
      requestBytes: 0,
      responseBytes: 0,
      isSettled: false,
    }
    const lines = handshake?.lines ?? head.lines
    const facts = { head, lines, rawPath: target.rawPath, query, captures: match.captures }
    const terms = handshake && termsOf(deps.admitter, rawKey, route, address)
    return void forward(call, facts, asked, snapshot.settings, terms)
  }
}

/** Goes on after a promise, unless the client has left in the meantime. */
async function whileHere(
  client: Inbound,
  promise: Promise<unknown>,
  goOn: () => Promise<void> | undefined,
): Promise<void> {
  let isHere = true
  client.watch({
    onAbort() {
      isHere = false
    },
    onWritable() {},
  })
  await promise
  if (isHere) await goOn()
}

const stopping = refuse('service_unavailable', 'The server is stopping')
const unrecorded = refuse('service_unavailable', 'Usage cannot be recorded at the moment')

const unwritable = ({ journal }: PipelineDeps, route: RouteEntry) =>
  route.isPublic || journal.isWritable() ? undefined : unrecorded

/** What a connection asks again as long as it lives. */
const termsOf = (
  admitter: Admitter,
  rawKey: string | undefined,
  route: RouteEntry,
  address: string,
): Terms => ({
  standing: (nowMs) => admitter.standing(rawKey, route, nowMs, address),
  hold: (grant, units, nowMs) => admitter.hold(grant, route, units, nowMs, address),
})
