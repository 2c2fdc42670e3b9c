import type { Clock } from '#ports/clock.ts'
import { type AskedAnswer, ageMsOf } from './asked-answer.ts'
import { keyOf, type StoredHead } from './stored-answers.ts'

/** A request that waits for what another one fetches. */
export interface Waiter {
  /** Whether it may get an answer with this head, once all of it is there. */
  fits(head: StoredHead): boolean
  /** The wait is over: it looks for itself. `mayWait`: for another one too, as if it had just come. */
  goOn(mayWait: boolean): void
}

/** What is told of an answer on its way. */
export interface FetchWatch {
  /** Its head is there; undefined when the answer will not be kept. */
  onHead(head: StoredHead | undefined): void
  /** All of it is there, or no more will come. */
  onOver(isKept: boolean): void
  /** Its client has left, and took the fetch along. */
  onGone(): void
}

/** The answers that are fetched for one request and waited for by others like it. */
export interface Fetches {
  /** Lets the request wait for one that is under way: how it stops waiting. Undefined when there is none that would help. */
  join(asked: AskedAnswer, waiter: Waiter): (() => void) | undefined
  /** A request is sent. With `isForOthers` others may wait for its answer, unless such answers have lately been for nobody else. */
  begin(asked: AskedAnswer, isForOthers: boolean): FetchWatch
  /** Something has changed the resource: nobody waits for an answer from before that. */
  forget(resource: string): void
}

/** A body that takes longer, because of the upstream or of the client that it is sent to first, is fetched by each for itself. */
const bodyPatienceMs = 5_000
/** What turned out not to be kept is not waited for again for so long, or until it is kept after all. */
const unkeptForMs = 60_000
const mostUnkept = 10_000
/** Clients choose how long an address is; whoever chooses a longer one waits each time. */
const longestUnkept = 1_000

/** Creates the register of one gateway thread. */
export function createFetches(clock: Clock): Fetches {
  const byResource = new Map<string, Map<string, Fetch>>()
  const unkept = new Map<string, { readonly revision: string; readonly until: number }>()

  function learn(key: string, revision: string, isKept: boolean): void {
    unkept.delete(key)
    if (isKept || key.length > longestUnkept) return
    const oldest = unkept.size >= mostUnkept ? unkept.keys().next().value : undefined
    if (oldest !== undefined) unkept.delete(oldest)
    unkept.set(key, { revision, until: clock.now() + unkeptForMs })
  }

  function isUnkept(key: string, revision: string): boolean {
    const known = unkept.get(key)
    return known !== undefined && known.revision === revision && known.until > clock.now()
  }

  function close(resource: string, key: string, fetch: Fetch): void {
    const ofResource = byResource.get(resource)
    if (ofResource?.get(key) !== fetch) return
    ofResource.delete(key)
    if (ofResource.size === 0) byResource.delete(resource)
  }

  function open(resource: string, key: string): Fetch {
    const fetch: Fetch = new Fetch(() => close(resource, key, fetch))
    const ofResource = byResource.get(resource)
    if (ofResource === undefined) byResource.set(resource, new Map([[key, fetch]]))
    else ofResource.set(key, fetch)
    return fetch
  }

  return {
    join: (asked, waiter) => byResource.get(asked.place.resource)?.get(sameKey(asked))?.join(waiter),
    begin(asked, isForOthers) {
      const { resource, revision } = asked.place
      const key = sameKey(asked)
      const lasting = lastingKey(asked)
      const isFirst = byResource.get(resource)?.has(key) !== true
      const mayBeShared = isForOthers && isFirst && !isUnkept(lasting, revision)
      const fetch = mayBeShared ? open(resource, key) : undefined
      return {
        onHead(head) {
          // What may not be used unasked when it comes is of use to nobody who waits.
          const usable = head !== undefined && ageMsOf(head, clock.now()) < head.lifetimeMs ? head : undefined
          if (isForOthers) learn(lasting, revision, usable !== undefined)
          fetch?.onHead(usable)
        },
        onOver(isKept) {
          if (isForOthers) learn(lasting, revision, isKept)
          fetch?.release(false)
        },
        onGone: () => fetch?.release(true),
      }
    },
    forget(resource) {
      for (const fetch of byResource.get(resource)?.values() ?? []) fetch.release(true)
    },
  }
}

/** Requests of which one may get what the other fetches, while the route stays as it is, but for what only its head tells. */
const lastingKey = ({ place, hasCredentials }: AskedAnswer): string => `${keyOf(place)}\0${hasCredentials}`

/** Those of them that found the route in the same state, all of which is in the revision: it is long, and nothing to be remembered often. */
const sameKey = (asked: AskedAnswer): string => `${lastingKey(asked)}\0${asked.place.revision}`

/** One answer on its way, and who waits for it. */
class Fetch {
  private readonly close: () => void
  private readonly waiters = new Set<Waiter>()
  private head: StoredHead | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(close: () => void) {
    this.close = close
  }

  join(waiter: Waiter): (() => void) | undefined {
    if (this.head !== undefined && !waiter.fits(this.head)) return undefined
    this.waiters.add(waiter)
    return () => this.waiters.delete(waiter)
  }

  onHead(head: StoredHead | undefined): void {
    if (head === undefined) {
      this.release(false)
      return
    }
    this.head = head
    for (const waiter of this.waiters) if (!waiter.fits(head)) this.send(waiter, false)
    this.timer = setTimeout(() => this.release(false), bodyPatienceMs)
    this.timer.unref()
  }

  /** Nobody waits any more, and nobody comes to wait. */
  release(mayWait: boolean): void {
    this.close()
    clearTimeout(this.timer)
    for (const waiter of this.waiters) this.send(waiter, mayWait)
  }

  // In a turn of its own: it may end before, and what becomes of it is not the business of the answer that is being read.
  private send(waiter: Waiter, mayWait: boolean): void {
    this.waiters.delete(waiter)
    process.nextTick(() => waiter.goOn(mayWait))
  }
}
