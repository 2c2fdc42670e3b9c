import { type Refusal, refuse } from '#contract/outcome.ts'
import { answerLines, preflightLines } from '#domain/cors/answers.ts'
import type { CorsRules } from '#domain/cors/rules.ts'
import { announcedValue, type RouteQuery } from '#domain/route/table.ts'
import type { RouteEntry, Snapshot } from '#ports/snapshot.ts'
import type { Inbound } from '../inbound.ts'
import { matchAsked } from '../match.ts'
import type { RequestHead } from '../request-head.ts'
import type { RequestTarget } from '../request-target.ts'
import { fieldValue } from '../wire/field-value.ts'
import { CorsInbound } from './cors-inbound.ts'

/** A request in which a browser asks beforehand whether a page may send another one (Fetch, section "HTTP CORS protocol"). */
export interface Preflight {
  readonly route: RouteEntry
  readonly rules: CorsRules
  readonly origin: string
  /** Access-Control-Request-Headers as it was sent. */
  readonly askedHeaders: string | undefined
}

/** The preflight of a request to a route with `cors`; undefined for any other request, which may be for the upstream to answer. */
export function readPreflight(
  snapshot: Snapshot,
  inbound: Inbound,
  head: RequestHead,
  target: RequestTarget,
): Preflight | undefined {
  if (inbound.method !== 'OPTIONS') return undefined
  const origin = fieldValue(head.fields, 'origin')
  const method = fieldValue(head.fields, 'access-control-request-method')
  if (origin === undefined || method === undefined) return undefined
  const askedHeaders = fieldValue(head.fields, 'access-control-request-headers')
  const match = matchAsked(snapshot, announcedRequest(method, askedHeaders, head), target)
  if (!match.ok || match.target.cors === null) return undefined
  return { route: match.target, rules: match.target.cors, origin, askedHeaders }
}

/** What is known of the request that will follow: the names of its headers, but not their values. */
function announcedRequest(
  method: string,
  askedHeaders: string | undefined,
  head: RequestHead,
): Omit<RouteQuery, 'path'> {
  const announced = new Set(askedHeaders?.toLowerCase().split(/[ \t]*,[ \t]*/))
  return {
    method,
    host: head.host,
    header: (name) => fieldValue(head.fields, name) ?? (announced.has(name) ? announcedValue : undefined),
  }
}

const foreignPage = (): Refusal => refuse('permission_denied', 'Pages of this origin may not call this route')

/** Why a preflight is turned away; undefined when its origin may ask. */
export const preflightRefusal = ({ rules, origin }: Preflight): Refusal | undefined =>
  rules.admits(origin) ? undefined : foreignPage()

/** Why a WebSocket is turned away: browsers ask nobody before they open one, so that only the server can keep foreign pages out. */
export function pageRefusal({ cors, isWebSocket }: RouteEntry, head: RequestHead): Refusal | undefined {
  if (cors === null || !isWebSocket) return undefined
  const origin = fieldValue(head.fields, 'origin')
  return origin === undefined || cors.admits(origin) ? undefined : foreignPage()
}

/** Answers a preflight: no key, no upstream, no cost. */
export function answerPreflight(
  inbound: Inbound,
  { rules, origin, askedHeaders }: Preflight,
  requestId: string,
): void {
  const lines = `X-Request-Id: ${requestId}\r\n${preflightLines(rules, origin, askedHeaders)}`
  inbound.sendHead({ status: 204, reason: '', lines, hasDate: false, bodyLength: undefined })
  inbound.end()
}

/** The request, with an answer that pages of other origins may read as far as the rules let them. */
export const withCors = (inbound: Inbound, head: RequestHead, rules: CorsRules): Inbound =>
  new CorsInbound(inbound, answerLines(rules, fieldValue(head.fields, 'origin')))
