import type { DomainEvent } from '#contract/events.ts'
import type { Log } from '#ports/log.ts'
import type { Engine } from '../../engine.ts'

/** What happens, for those who follow it: each reads on from where it is, so that nothing is held for who is slow. */
export interface EventFeed {
  /** Called when there may be something new; the returned function ends that. */
  onNews(listener: () => void): () => void
  /** Some events after a position, in their order; none when there is nothing yet. */
  read(position: number): Promise<readonly DomainEvent[]>
  close(): void
}

const eventsAtOnce = 100

/**
 * Follows the outbox: commits of this process at once, those of others by asking, which is done only while somebody listens. Followers at
 * the same position share one read.
 */
export function createEventFeed(deps: {
  readonly engine: Pick<Engine, 'onCommit' | 'eventsSince' | 'lastSeq'>
  readonly log: Pick<Log, 'error'>
  readonly askEveryMs?: number
}): EventFeed {
  const listeners = new Set<() => void>()
  const reads = new Map<number, Promise<readonly DomainEvent[]>>()
  let timer: NodeJS.Timeout | undefined
  let known = 0

  const tell = (): void => {
    reads.clear()
    for (const listener of listeners) listener()
  }
  const look = async (): Promise<void> => {
    const last = await deps.engine.lastSeq()
    if (last === known) return
    known = last
    tell()
  }
  const ask = (): void => {
    look()
      .catch((error: unknown) => deps.log.error({ error }, 'changes of other processes could not be read'))
      .finally(askLater)
  }
  const askLater = (): void => {
    timer = listeners.size === 0 ? undefined : setTimeout(ask, deps.askEveryMs ?? 200).unref()
  }
  deps.engine.onCommit((events) => {
    known = Math.max(known, events.at(-1)?.seq ?? 0)
    tell()
  })

  return {
    onNews(listener) {
      listeners.add(listener)
      if (timer === undefined) askLater()
      return () => void listeners.delete(listener)
    },
    read(position) {
      const shared = reads.get(position)
      if (shared !== undefined) return shared
      const read = deps.engine.eventsSince(position, eventsAtOnce)
      reads.set(position, read)
      const forget = (): void => void (reads.get(position) === read && reads.delete(position))
      read.then(forget, forget)
      return read
    },
    close() {
      listeners.clear()
      clearTimeout(timer)
    },
  }
}
