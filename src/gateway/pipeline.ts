import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { UsageJournal } from '#ports/journal.ts'
import type { AuthFailureReason, Metrics } from '#ports/metrics.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import { type Admitter, rawKeyOf } from './admit.ts'
import type { Call } from './call.ts'
import { addressRefusal, type ClientAddress } from './edge/client-address.ts'
import { answerPreflight, pageRefusal, preflightRefusal, readPreflight, withCors } from './edge/cors.ts'
import type { Forwarder } from './forward.ts'
import type { Inbound } from './inbound.ts'
import { limitLines } from './limit-headers.ts'
import type { RequestLimits } from './limits/request-limits.ts'
import { matchRoute } from './match.ts'
import { createMeter } from './measure/meter.ts'
import { answerRefusal } from './refuse.ts'
import { readRequestTarget, takeQueryParameter } from './request-target.ts'
import type { Settler } from './settle.ts'
import type { SnapshotHolder } from './snapshot.ts'
import type { Terms } from './websocket/connection-bill.ts'
import { noWebSocketHere, readHandshake } from './websocket/handshake.ts'
import type { WebSockets } from './websocket/web-sockets.ts'

/** Everything the pipeline needs. */
export interface PipelineDeps {
  readonly snapshots: SnapshotHolder
  readonly admitter: Admitter
  readonly forwarder: Forwarder
  readonly settler: Settler
  readonly webSockets: Pick<WebSockets, 'isDraining' | 'upgrade'>
  readonly journal: UsageJournal
  readonly metrics: Metrics
  readonly clock: Clock
  readonly ids: Ids
  readonly clientAddress: ClientAddress
}

/**
 * The order of a proxied request (contracts section 3): read, match the route, check the address and the body's size, admit (key,
 * standing, subscription, limits, quota), forward, settle. Whatever is refused on the way was neither counted nor forwarded.
 */
export function createPipeline(deps: PipelineDeps): (inbound: Inbound) => void {
  return function handle(client) {
    let inbound = client
    const now = deps.clock.now()
    const id = deps.ids.next('req')
    const turnAway = (refusal: Refusal, requestId: string, limits: RequestLimits | null = null): void => {
      countRefusal(deps.metrics, refusal)
      answerRefusal(inbound, refusal, requestId, refusalLines(refusal, limits, now))
    }

    const { head } = inbound
    if (!head.ok) return turnAway(head, id)
    const requestId = head.requestId ?? id
    if (inbound.method === 'TRACE' || inbound.method === 'CONNECT')
      return turnAway(refuse('method_not_allowed', `${inbound.method} is not forwarded`), requestId)
    const target = readRequestTarget(inbound.target, head.rawHost)
    if (!target.ok) return turnAway(target, requestId)

    const snapshot = deps.snapshots.current()
    const address = deps.clientAddress(inbound.remoteAddress, head)
    const preflight = readPreflight(snapshot, inbound, head, target)
    if (preflight !== undefined) {
      const refusal = addressRefusal(preflight.route, address) ?? preflightRefusal(preflight)
      if (refusal === undefined) return answerPreflight(inbound, preflight, requestId)
      return turnAway(refusal, requestId)
    }
    const match = matchRoute(snapshot, inbound, head, target)
    if (!match.ok) return turnAway(match, requestId)
    const route = match.target
    if (route.cors !== null && !route.isWebSocket) inbound = withCors(inbound, head, route.cors)
    const notFromHere = addressRefusal(route, address) ?? pageRefusal(route, head)
    if (notFromHere !== undefined) return turnAway(notFromHere, requestId)

    const { maxBodyBytes, allowsQueryKey } = snapshot.settings
    if (typeof head.body === 'number' && head.body > maxBodyBytes)
      return turnAway(refuse('payload_too_large', `The body is larger than ${maxBodyBytes} bytes`), requestId)

    const handshake = route.isWebSocket ? readHandshake(inbound, head) : noWebSocketHere(head)
    if (handshake?.ok === false) return turnAway(handshake, requestId)
    if (handshake !== undefined && deps.webSockets.isDraining)
      return turnAway(refuse('service_unavailable', 'The server is stopping'), requestId)

    const { query, value: queryKey } = takeQueryParameter(target.query, 'api_key')
    const rawKey = rawKeyOf(head, allowsQueryKey ? queryKey : undefined)
    const { metering } = match.plans
    if (!route.isPublic && !deps.journal.isWritable())
      return turnAway(refuse('service_unavailable', 'Usage cannot be recorded at the moment'), requestId)
    const admission = deps.admitter.admit(rawKey, route, metering.worstCaseUnits, now, address)
    if (!admission.ok) return turnAway(admission.refusal, requestId, admission.limits)
    const { grant, holds } = admission

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
      meter:
        grant === null || metering.fixedUnits !== null
          ? null
          : createMeter(metering, { method: inbound.method, path: target.path }),
      requestBytes: 0,
      responseBytes: 0,
      isSettled: false,
    }
    const lines = handshake?.lines ?? head.lines
    const facts = { head, lines, rawPath: target.rawPath, query, captures: match.captures }
    try {
      if (handshake === undefined) deps.forwarder.forward(call, facts, snapshot.settings)
      else {
        const terms = termsOf(deps.admitter, rawKey, route, address)
        const upgrading = deps.webSockets.upgrade(call, handshake, terms)
        deps.forwarder.forward(call, facts, snapshot.settings, upgrading)
      }
    } catch (error) {
      // Whoever called answers the failure; nothing may stay held for it.
      deps.settler.settle(call, { status: 500, kind: 'failed', isComplete: false }, () => {})
      throw error
    }
  }
}

/** What a connection asks again as long as it lives. */
const termsOf = (
  admitter: Admitter,
  rawKey: string | undefined,
  route: RouteEntry,
  address: string,
): Terms => ({
  standing: (nowMs) => admitter.standing(rawKey, route.apiId, nowMs, address),
  hold: (grant, units, nowMs) => admitter.hold(grant, route, units, nowMs, address),
})

function refusalLines(refusal: Refusal, limits: RequestLimits | null, now: number): string {
  if (refusal.code === 'upgrade_required')
    return 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
  const lines = limitLines(limits, now)
  if ('retryAfterSeconds' in refusal) return `${lines}Retry-After: ${refusal.retryAfterSeconds}\r\n`
  return refusal.code === 'service_unavailable' ? `${lines}Retry-After: 1\r\n` : lines
}

const authFailures: Readonly<Record<string, AuthFailureReason>> = {
  account_suspended: 'suspended',
  invalid_api_key: 'invalid',
  key_expired: 'expired',
  key_revoked: 'revoked',
  missing_api_key: 'missing',
}

function countRefusal(metrics: Metrics, refusal: Refusal): void {
  const reason = authFailures[refusal.code]
  if (reason !== undefined) metrics.authFailure(reason)
  else if (refusal.code === 'rate_limit_exceeded')
    metrics.rateLimited(refusal.details?.['window_seconds'] === undefined ? 'concurrency' : 'rate')
  else if (refusal.code === 'quota_exceeded') metrics.rateLimited('quota')
}
