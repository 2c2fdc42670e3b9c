import { type Refusal, refuse } from '#contract/outcome.ts'
import type { RouteMatch } from '#domain/route/table.ts'
import type { RoutePlans } from '#ports/route-plans.ts'
import type { RouteEntry, Snapshot } from '#ports/snapshot.ts'
import { addressRefusal, type ClientAddress } from './edge/client-address.ts'
import { answerPreflight, pageRefusal, preflightRefusal, readPreflight, withCors } from './edge/cors.ts'
import type { Inbound } from './inbound.ts'
import { matchRoute } from './match.ts'
import type { RequestHead } from './request-head.ts'
import { type RequestTarget, readRequestTarget } from './request-target.ts'
import { type Handshake, noWebSocketHere, readHandshake } from './websocket/handshake.ts'

/** A request whose route is known and that may ask to be admitted. */
export interface Approached {
  readonly ok: true
  /** Answers as the route wants it, with its CORS lines for example. */
  readonly inbound: Inbound
  readonly target: RequestTarget
  readonly match: RouteMatch<RouteEntry> & { readonly plans: RoutePlans }
  readonly address: string
  /** What a WebSocket was asked for with; undefined for an ordinary request. */
  readonly handshake: Handshake | undefined
}

/** A request that ends before anybody asked who sent it. `refusal` is undefined where it was answered already. */
export interface Ended {
  readonly ok: false
  readonly inbound: Inbound
  readonly refusal: Refusal | undefined
}

/** What is decided about a request before its key is looked at: its route, and whether it may come from there in this form. */
export function approach(
  snapshot: Snapshot,
  client: Inbound,
  head: RequestHead,
  requestId: string,
  clientAddress: ClientAddress,
): Approached | Ended {
  if (client.method === 'TRACE' || client.method === 'CONNECT')
    return ended(client, refuse('method_not_allowed', `${client.method} is not forwarded`))
  const target = readRequestTarget(client.target, head.rawHost)
  if (!target.ok) return ended(client, target)
  const address = clientAddress(client.remoteAddress, head)
  const preflight = readPreflight(snapshot, client, head, target)
  if (preflight !== undefined) {
    const refusal = addressRefusal(preflight.route, address) ?? preflightRefusal(preflight)
    if (refusal === undefined) answerPreflight(client, preflight, requestId)
    return ended(client, refusal)
  }
  const match = matchRoute(snapshot, client, head, target)
  if (!match.ok) return ended(client, match)
  const route = match.target
  const inbound = route.cors === null || route.isWebSocket ? client : withCors(client, head, route.cors)
  const { maxBodyBytes } = snapshot.settings
  const handshake = route.isWebSocket ? readHandshake(inbound, head) : noWebSocketHere(head)
  const refusal =
    addressRefusal(route, address) ??
    pageRefusal(route, head) ??
    sizeRefusal(head, maxBodyBytes) ??
    (handshake?.ok === false ? handshake : undefined)
  if (refusal !== undefined) return ended(inbound, refusal)
  return {
    ok: true,
    inbound,
    target,
    match,
    address,
    handshake: handshake?.ok === true ? handshake : undefined,
  }
}

const ended = (inbound: Inbound, refusal: Refusal | undefined): Ended => ({ ok: false, inbound, refusal })

function sizeRefusal(head: RequestHead, maxBodyBytes: number): Refusal | undefined {
  if (typeof head.body !== 'number' || head.body <= maxBodyBytes) return undefined
  return refuse('payload_too_large', `The body is larger than ${maxBodyBytes} bytes`)
}
