import { parseDirectives } from '#domain/cache/cache-control.ts'
import type { CacheRules } from '#domain/cache/cache-rules.ts'
import type { Conditions } from '#domain/cache/conditions.ts'
import { mayUse } from '#domain/cache/storing.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import type { Call } from '../call.ts'
import { headerOf } from '../measure/flat-headers.ts'
import { flatOf } from '../transform/header-lines.ts'
import type { UpstreamRequest } from '../upstream/types.ts'
import { isChosen, type Place, type StoredHead } from './stored-answers.ts'

/** A request as answers are kept and found for it. */
export interface AskedAnswer {
  readonly method: string
  readonly rules: CacheRules
  readonly place: Place
  readonly conditions: Conditions
  /** What the request says in Cache-Control, or in Pragma of old. */
  readonly directives: string | undefined
  /** The client's own credentials go to the upstream. */
  readonly hasCredentials: boolean
  /** Flat list of the fields that go to the upstream. */
  readonly headers: readonly string[]
  readonly requestHeader: (name: string) => string | undefined
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const bypassing = ['range', 'if-match', 'if-unmodified-since', 'if-range']

/** Reads what a request may be answered with; undefined when it goes past all that is kept. */
export function readAsked(call: Call, request: UpstreamRequest, resource: string): AskedAnswer | undefined {
  const { route } = call
  const { method } = request
  const rules = route.cache
  if (rules === null || !reading.has(method) || (request.body !== 'none' && request.body !== 0))
    return undefined
  const headers = flatOf(allLines(request))
  const requestHeader = (name: string): string | undefined => headerOf(headers, name)
  if (bypassing.some((name) => requestHeader(name) !== undefined)) return undefined
  const directives = requestHeader('cache-control') ?? legacyDirectives(requestHeader('pragma'))
  if (says(directives, 'no-store')) return undefined
  return {
    method,
    rules,
    place: placeOf(call, rules, resource, requestHeader),
    conditions: {
      ifNoneMatch: requestHeader('if-none-match'),
      ifModifiedSince: requestHeader('if-modified-since'),
    },
    directives,
    hasCredentials: hasCredentials(route, requestHeader),
    headers,
    requestHeader,
  }
}

/** Whether a request says so in its Cache-Control. */
export const says = (directives: string | undefined, name: string): boolean =>
  directives !== undefined && parseDirectives(directives).has(name)

/** How old a kept answer is. */
export const ageMsOf = ({ bornAtMs }: StoredHead, nowMs: number): number => Math.max(0, nowMs - bornAtMs)

/** Whether a request may be answered with this, or would be once all of it is there. */
export const mayGet = (asked: AskedAnswer, head: StoredHead, nowMs: number): boolean =>
  (head.isForAnyone || !asked.hasCredentials) &&
  isChosen(head, asked.requestHeader) &&
  mayUse(ageMsOf(head, nowMs), head.lifetimeMs, asked.directives)

/** What all who may get an answer have in common: by default the customer with the plan, and always the address that was asked for. */
function placeOf(
  { route, grant }: Call,
  { isShared }: CacheRules,
  resource: string,
  requestHeader: (name: string) => string | undefined,
): Place {
  const who =
    isShared || grant === null ? '' : `${grant.key.organizationId} ${grant.subscription.id} ${grant.plan.id}`
  // Upstreams make links of these, and clients choose them.
  const address = `${requestHeader('x-forwarded-proto')} ${requestHeader('x-forwarded-host')?.toLowerCase()}`
  return { routeId: route.id, revision: route.revision, resource, scope: `${who} ${address}` }
}

// What the upstream's own credentials get is the same for all.
const hasCredentials = (route: RouteEntry, requestHeader: (name: string) => string | undefined): boolean =>
  requestHeader('cookie') !== undefined ||
  (requestHeader('authorization') !== undefined &&
    route.upstream.authHeader?.[0].toLowerCase() !== 'authorization')

const legacyDirectives = (pragma: string | undefined): string | undefined =>
  pragma !== undefined && /\bno-cache\b/i.test(pragma) ? 'no-cache' : undefined

// Where a client repeats itself, most of the lines stand apart.
const allLines = ({ fixedLines, headers }: UpstreamRequest): string =>
  fixedLines === undefined ? headers : fixedLines.text + headers
