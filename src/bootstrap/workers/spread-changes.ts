import type { DomainEvent } from '#contract/events.ts'
import type { Log } from '#ports/log.ts'
import type { SharedReads } from './shared-reads.ts'
import type { Slot } from './slot.ts'

/**
 * How long a writer waits until every worker has its change, which takes a few milliseconds: only for a worker that is stuck. Then
 * nobody waits for that one any more until it has caught up.
 */
const usualPatienceMs = 1_000

/** Takes committed changes to every worker: resolves when the requests of all of them see it, or one of them is too late. */
export function createSpreading(deps: {
  readonly slots: () => readonly Pick<Slot, 'number' | 'follow'>[]
  readonly reads: Pick<SharedReads, 'begin' | 'end'>
  readonly log: Pick<Log, 'warn'>
  readonly patienceMs?: number | undefined
}): (events: readonly DomainEvent[]) => Promise<void> {
  const { slots, reads, log, patienceMs = usualPatienceMs } = deps
  const late = new Set<number>()

  return async (events) => {
    // What a record shows to others is nothing that the gateway reads.
    const changes = events.map((event) => ({ ...event, data: {} }))
    const waitedFor = new Set<number>()
    reads.begin()
    const followed = slots().map(async ({ number, follow }) => {
      const told = follow(changes)
      if (told === undefined) return
      const isLate = late.has(number)
      if (!isLate) waitedFor.add(number)
      const done = told.then(() => {
        waitedFor.delete(number)
        late.delete(number)
      })
      if (!isLate) await done
    })
    await withinMs(Promise.all(followed), patienceMs)
    reads.end()
    if (waitedFor.size === 0) return
    for (const number of waitedFor) late.add(number)
    const workers = [...waitedFor]
    log.warn({ workers, first_seq: events[0]?.seq }, 'a change has not reached every worker yet')
  }
}

async function withinMs(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  await Promise.race([work, promise])
  clearTimeout(timer)
}
