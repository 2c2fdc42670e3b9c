import type { IncomingMessage } from 'node:http'
import type { RequestOrigin } from '#contract/audit.ts'
import { isRequestId } from '#contract/request-id.ts'
import { securityHeaders, strictTransportSecurity } from '#contract/security-headers.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { Metrics } from '#ports/metrics.ts'

/** One request and its answer, from the first byte to the log line. */
export interface Exchange {
  readonly incoming: IncomingMessage
  readonly requestId: string
  readonly origin: RequestOrigin
  readonly startedAt: number
  /** The pattern of the route that answered. */
  route: string
  actorId: string | undefined
  /** The operator who acts as that actor. */
  impersonatedBy: string | undefined
}

/** What beginning and ending an exchange needs. */
export interface ExchangeDependencies {
  readonly ids: Ids
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<Metrics, 'http'>
  readonly isSecure: (incoming: IncomingMessage) => boolean
  readonly clientAddress: (incoming: IncomingMessage) => string
}

/** Begins an exchange; a well-formed request id of the client is kept. */
export function beginExchange(
  deps: Pick<ExchangeDependencies, 'ids' | 'clock' | 'clientAddress'>,
  incoming: IncomingMessage,
): Exchange {
  const given = incoming.headers['x-request-id']
  const requestId = typeof given === 'string' && isRequestId(given) ? given : deps.ids.next('req')
  const origin = {
    ip: deps.clientAddress(incoming).slice(0, 64),
    userAgent: (incoming.headers['user-agent'] ?? '').slice(0, 400),
  }
  const startedAt = deps.clock.now()
  return {
    incoming,
    requestId,
    origin,
    startedAt,
    route: 'unmatched',
    actorId: undefined,
    impersonatedBy: undefined,
  }
}

/** Gives an answer the headers that every answer of the control plane has, unless it brings its own. */
export function secured(response: Response, requestId: string, isSecure: boolean): Response {
  // A document that may do less than our pages says so itself.
  for (const [name, value] of securityHeaders)
    if (!response.headers.has(name)) response.headers.set(name, value)
  if (isSecure) response.headers.set(...strictTransportSecurity)
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
  response.headers.set('x-request-id', requestId)
  return response
}

/** Gives an answer its headers, counts it and logs it. */
export function endExchange(deps: ExchangeDependencies, exchange: Exchange, response: Response): Response {
  const { incoming, requestId, route } = exchange
  const method = incoming.method ?? 'GET'
  const durationMs = Math.max(0, deps.clock.now() - exchange.startedAt)
  deps.metrics.http({ method, route, status: response.status, seconds: durationMs / 1000 })
  const fields = { request_id: requestId, method, route, status: response.status, duration_ms: durationMs }
  deps.log.debug(exchange.actorId === undefined ? fields : { ...fields, actor: exchange.actorId }, 'answered')
  // Pages show a banner by it: nobody is to forget in whose place they act.
  if (exchange.impersonatedBy !== undefined)
    response.headers.set('x-impersonated-by', exchange.impersonatedBy)
  return secured(response, requestId, deps.isSecure(incoming))
}
