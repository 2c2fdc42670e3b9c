import type { Clock } from '#ports/clock.ts'
import type { Call } from '../call.ts'
import { headerOf } from '../measure/flat-headers.ts'
import type { SnapshotHolder } from '../snapshot.ts'
import { linesOf, withoutHeaders } from '../transform/header-lines.ts'
import { requestHead } from '../upstream/request-head.ts'
import type { UpstreamExchange, UpstreamPool, UpstreamRequest } from '../upstream/types.ts'
import { answerFromStore } from './answer-from-store.ts'
import { type AskedAnswer, ageMsOf, mayGet, readAsked, says } from './asked-answer.ts'
import { createFetches } from './fetches.ts'
import { ForgettingListener } from './forgetting-listener.ts'
import { type CacheListener, RecordingExchange } from './recording-exchange.ts'
import { createStoredAnswers, type StoredAnswer } from './stored-answers.ts'
import { WaitingExchange } from './waiting-exchange.ts'

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

/** One request on its way to what is kept, or to its upstream. */
interface Asking {
  readonly pool: UpstreamPool
  readonly request: UpstreamRequest
  readonly listener: CacheListener
  readonly asked: AskedAnswer
}

const harmless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const conditional: ReadonlySet<string> = new Set(['if-none-match', 'if-modified-since'])
/** How many others a request waits for: whoever it waits for may leave. */
const mostWaits = 2

/** Creates the cache of one gateway process. */
export function createResponseCache(deps: {
  readonly snapshots: SnapshotHolder
  readonly clock: Clock
  readonly mostBytes: number
}): ResponseCache {
  const { snapshots, clock } = deps
  const store = createStoredAnswers(deps.mostBytes)
  const fetches = createFetches(clock)
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

  function forget(resource: string): void {
    store.forget(resource)
    fetches.forget(resource)
  }

  function answer(asking: Asking, waits: number): UpstreamExchange {
    const { asked, listener } = asking
    const kept = store.find(asked.place, asked.requestHeader)
    if (kept !== undefined && mayGet(asked, kept, clock.now()))
      return answerLater(() => {
        listener.isFromCache = true
        answerFromStore(listener, kept, { ...asked, ageMs: ageMsOf(kept, clock.now()) })
      })
    if (says(asked.directives, 'only-if-cached'))
      return answerLater(() => {
        listener.isFromCache = true
        listener.onHead(504, '', ['X-Cache', 'miss'], 0)
        listener.onEnd(undefined, [])
      })
    return (waits > 0 ? wait(asking, waits) : undefined) ?? fetch(asking, kept)
  }

  /** Waits for an equal request that is under way; undefined when there is none, or this one asks for more than any answer that holds. */
  function wait(asking: Asking, waits: number): UpstreamExchange | undefined {
    const { asked, listener, request } = asking
    if (asked.method !== 'GET' || asked.directives !== undefined || request.body !== 'none') return undefined
    // What could not be sent is refused now: later nobody could be told.
    requestHead(request)
    const waiting = new WaitingExchange({
      listener,
      fits: (head) => mayGet(asked, head, clock.now()),
      go: (mayWait) => answer(asking, mayWait ? waits - 1 : 0),
    })
    return waiting.start((waiter) => fetches.join(asked, waiter)) ? waiting : undefined
  }

  function fetch(
    { asked, request, listener, pool }: Asking,
    kept: StoredAnswer | undefined,
  ): UpstreamExchange {
    const mayRenew =
      kept !== undefined && asked.method === 'GET' && (kept.isForAnyone || !asked.hasCredentials)
    const again = mayRenew ? askingAgain(asked.headers, kept) : undefined
    const stale = again === undefined ? undefined : kept
    const sent = again === undefined ? request : { ...request, fixedLines: undefined, headers: again }
    const { ifNoneMatch, ifModifiedSince } = asked.conditions
    // Only who has nothing yet gets the answer that everybody could use.
    const isWhole = stale !== undefined || (ifNoneMatch === undefined && ifModifiedSince === undefined)
    const watch = fetches.begin(asked, asked.method === 'GET' && isWhole)
    const candidate = store.candidate(asked.place)
    const exchange = new RecordingExchange({ clock, listener, asked, candidate, watch, stale })
    return exchange.start((recording) => pool.send(sent, recording))
  }

  return {
    send(pool, request, listener, { call, path }) {
      if (!isUsed) return pool.send(request, listener)
      const resource = `${call.route.upstream.id} ${path}`
      if (!harmless.has(request.method))
        return pool.send(request, new ForgettingListener(listener, () => forget(resource)))
      const asked = readAsked(call, request, resource)
      return asked === undefined
        ? pool.send(request, listener)
        : answer({ pool, request, listener, asked }, mostWaits)
    },
  }
}

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
