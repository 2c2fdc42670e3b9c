import type { DomainEvent } from '#contract/events.ts'
import type { House } from './open-house.ts'

/** How often a process asks for the commits of others: where the database tells of them, in case it could not, and where it does not. */
const usualMs = { told: 5_000, untold: 100 } as const
const eventsAtOnce = 1_000

/**
 * Tells every commit after `lastSeq`, until it is stopped: those of this process before their writer is answered, those of other
 * processes on the same database (the command line is one) out of the outbox, as soon as the database says so, else ten times a second.
 */
export function followCommits(
  { engine, log, database, askEveryMs }: Pick<House, 'engine' | 'log' | 'database' | 'askEveryMs'>,
  lastSeq: number,
  tell: (events: readonly DomainEvent[]) => Promise<void>,
): () => void {
  let seen = lastSeq
  engine.onCommit(async (events) => {
    await tell(events)
    if (events[0]?.seq === seen + 1) seen = events.at(-1)?.seq ?? seen
  })
  return readWhenTold(
    database.listen,
    askEveryMs ?? (database.listen === undefined ? usualMs.untold : usualMs.told),
    async () => {
      for (;;) {
        const events = await engine.eventsSince(seen, eventsAtOnce)
        if (events.length === 0) return
        await tell(events)
        seen = Math.max(seen, events.at(-1)?.seq ?? 0)
      }
    },
    (error) => log.error({ error }, 'changes of other processes could not be read'),
  )
}

/** Reads whenever it is told to, and now and then; one read at a time, and what is told during one leads to another. */
function readWhenTold(
  listen: House['database']['listen'],
  everyMs: number,
  read: () => Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let isStopped = false
  let isReading = false
  let isToldAgain = false
  let timer: NodeJS.Timeout | undefined

  function wake(): void {
    if (isStopped) return
    isToldAgain = isReading
    if (isReading) return
    isReading = true
    clearTimeout(timer)
    void read().catch(failed).finally(next)
  }

  function next(): void {
    isReading = false
    if (isStopped) return
    if (isToldAgain) wake()
    else {
      timer = setTimeout(wake, everyMs)
      timer.unref()
    }
  }

  next()
  const stopListening = listen?.(wake)
  return () => {
    isStopped = true
    clearTimeout(timer)
    stopListening?.()
  }
}
