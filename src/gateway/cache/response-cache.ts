import { parseDirectives } from '#domain/cache/cache-control.ts'
import type { CacheRules } from '#domain/cache/cache-rules.ts'
import type { Conditions } from '#domain/cache/conditions.ts'
import { mayUse } from '#domain/cache/storing.ts'
import type { Clock } from '#ports/clock.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import type { Call } from '../call.ts'
import { headerOf } from '../measure/flat-headers.ts'
import type { SnapshotHolder } from '../snapshot.ts'
import { flatOf, linesOf, withoutHeaders } from '../transform/header-lines.ts'
import type { UpstreamExchange, UpstreamListener, UpstreamPool, UpstreamRequest } from '../upstream/types.ts'
import { answerFromStore } from './answer-from-store.ts'
import { ForgettingListener } from './forgetting-listener.ts'
import { RecordingExchange } from './recording-exchange.ts'
import { createStoredAnswers, type Place, type StoredAnswer } from './stored-answers.ts'

/** Who gets an answer, and is told whether the upstream was not needed for it. */
export interface CacheListener extends UpstreamListener {
  isFromCache: boolean
}

/** A request as answers are kept and found for it. */
export interface AskedAnswer {
  readonly method: string
  readonly rules: CacheRules
  readonly conditions: Conditions
  /** The client's own credentials go to the upstream. */
  readonly hasCredentials: boolean
  readonly requestHeader: (name: string) => string | undefined
}

/**
 * Stands between the gateway and its upstreams and answers from what it kept (RFC 9111, a shared cache): transforms, metering and
 * settling do not see the difference.
 */
export interface ResponseCache {
  /** Sends a request, or answers it. `path` is its target without what the upstream's address puts before it. */
  send(
    pool: UpstreamPool,
    request: UpstreamRequest,
    listener: CacheListener,
    asked: { readonly call: Call; readonly path: string },
  ): UpstreamExchange
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const harmless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const bypassing = ['range', 'if-match', 'if-unmodified-since', 'if-range']
const conditional: ReadonlySet<string> = new Set(['if-none-match', 'if-modified-since'])

/** Creates the cache of one gateway process. */
export function createResponseCache(deps: {
  readonly snapshots: SnapshotHolder
  readonly clock: Clock
  readonly mostBytes: number
}): ResponseCache {
  const { snapshots, clock } = deps
  const store = createStoredAnswers(deps.mostBytes)
  let isUsed = false
  let routes: unknown
  const follow = (): void => {
    const current = snapshots.current().routes
    if (current === routes) return
    routes = current
    const revisions = new Map(
      current.targets.filter(({ cache }) => cache !== null).map(({ id, revision }) => [id, revision]),
    )
    isUsed = revisions.size > 0
    store.follow(revisions)
  }
  follow()
  snapshots.onReplace(follow)

  return {
    send(pool, request, listener, { call, path }) {
      if (!isUsed) return pool.send(request, listener)
      const { route } = call
      const resource = `${route.upstream.id} ${path}`
      if (!harmless.has(request.method))
        return pool.send(request, new ForgettingListener(listener, () => store.forget(resource)))
      const rules = route.cache
      if (rules === null || !reading.has(request.method) || (request.body !== 'none' && request.body !== 0))
        return pool.send(request, listener)
      const flat = flatOf(allLines(request))
      const requestHeader = (name: string): string | undefined => headerOf(flat, name)
      const directives = requestHeader('cache-control') ?? legacyDirectives(requestHeader('pragma'))
      if (bypassing.some((name) => requestHeader(name) !== undefined)) return pool.send(request, listener)
      if (directives !== undefined && parseDirectives(directives).has('no-store'))
        return pool.send(request, listener)
      const asked: AskedAnswer = {
        method: request.method,
        rules,
        conditions: {
          ifNoneMatch: requestHeader('if-none-match'),
          ifModifiedSince: requestHeader('if-modified-since'),
        },
        hasCredentials: hasCredentials(route, requestHeader),
        requestHeader,
      }
      const place = placeOf(call, rules, resource, requestHeader)
      const kept = store.find(place, requestHeader)
      const found = kept !== undefined && (kept.isForAnyone || !asked.hasCredentials) ? kept : undefined
      const ageMs = found === undefined ? 0 : Math.max(0, clock.now() - found.bornAtMs)
      if (found !== undefined && mayUse(ageMs, found.lifetimeMs, directives))
        return answerLater(() => {
          listener.isFromCache = true
          answerFromStore(listener, found, { ...asked, ageMs })
        })
      if (directives !== undefined && parseDirectives(directives).has('only-if-cached'))
        return answerLater(() => {
          listener.isFromCache = true
          listener.onHead(504, '', ['X-Cache', 'miss'], 0)
          listener.onEnd(undefined, [])
        })
      const again = found === undefined || request.method === 'HEAD' ? undefined : askingAgain(flat, found)
      const stale = again === undefined ? undefined : found
      const exchange = new RecordingExchange(clock, listener, asked, store.candidate(place), stale)
      const sent = again === undefined ? request : { ...request, fixedLines: undefined, headers: again }
      return exchange.start((recording) => pool.send(sent, recording))
    },
  }
}

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

/** The request's header lines, asking whether a kept answer still holds; undefined when nothing can tell. */
function askingAgain(flat: readonly string[], { headers }: StoredAnswer): string | undefined {
  const etag = headerOf(headers, 'etag')
  const lastModified = headerOf(headers, 'last-modified')
  if (etag === undefined && lastModified === undefined) return undefined
  const lines = linesOf(withoutHeaders(flat, conditional))
  const byTag = etag === undefined ? '' : `If-None-Match: ${etag}\r\n`
  return `${lines}${byTag}${lastModified === undefined ? '' : `If-Modified-Since: ${lastModified}\r\n`}`
}

/** An exchange with nobody: the answer comes when the caller is ready for it. */
function answerLater(answer: () => void): UpstreamExchange {
  let isOver = false
  process.nextTick(() => {
    if (!isOver) answer()
    isOver = true
  })
  return {
    isRequestSent: false,
    write: () => true,
    end() {},
    pause() {},
    resume() {},
    abort() {
      isOver = true
    },
  }
}
