import type { DomainEvent } from '#contract/events.ts'
import type { Log } from '#ports/log.ts'

/** Tells commits to listeners, one commit after the other; a listener that fails is logged, because the commit stands. */
export function createAnnouncer(log: Log) {
  const listeners: ((events: readonly DomainEvent[]) => void | Promise<void>)[] = []
  let last: Promise<void> = Promise.resolve()
  const tell = async (events: readonly DomainEvent[]): Promise<void> => {
    for (const listener of listeners) {
      try {
        await listener(events)
      } catch (error) {
        log.error({ error, first_seq: events[0]?.seq }, 'a listener of commits failed')
      }
    }
  }
  return {
    add: (listener: (typeof listeners)[number]) => void listeners.push(listener),
    announce(events: readonly DomainEvent[]): Promise<void> {
      if (events.length === 0) return Promise.resolve()
      last = last.then(() => tell(events))
      return last
    },
  }
}
