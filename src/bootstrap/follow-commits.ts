import type { DomainEvent } from '#contract/events.ts'
import type { House } from './open-house.ts'

const followIntervalMs = 100

/**
 * Tells every commit after `lastSeq`, until it is stopped: those of this process before their writer is answered, those of other
 * processes on the same database (the command line is one) out of the outbox, ten times a second.
 */
export function followCommits(
  { engine, log }: Pick<House, 'engine' | 'log'>,
  lastSeq: number,
  tell: (events: readonly DomainEvent[]) => Promise<void>,
): () => void {
  let seen = lastSeq
  engine.onCommit(async (events) => {
    await tell(events)
    if (events[0]?.seq === seen + 1) seen = events.at(-1)?.seq ?? seen
  })
  return repeat(
    followIntervalMs,
    async () => {
      const events = await engine.eventsSince(seen, 1_000)
      if (events.length === 0) return
      await tell(events)
      seen = Math.max(seen, events.at(-1)?.seq ?? 0)
    },
    (error) => log.error({ error }, 'changes of other processes could not be read'),
  )
}

function repeat(intervalMs: number, work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let isStopped = false
  let timer: NodeJS.Timeout
  const next = (): void => {
    if (isStopped) return
    timer = setTimeout(() => void work().catch(failed).finally(next), intervalMs)
    timer.unref()
  }
  next()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
