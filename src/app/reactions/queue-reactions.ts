import { Fault } from '#contract/outcome.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { ReactionLog } from '#ports/reaction-log.ts'

/** The name of the jobs that call a reaction. */
export const reactionJob = 'reaction.run'

/** About seven hours of attempts. */
const attempts = 15
const mostAtOnce = 200
/** A job that somebody has deleted from the queue is put into it again; no attempt is further away. */
const againMs = 2 * 3_600_000

/**
 * Sees to it that every call whose turn it is has its job in the queue: what was just recorded, what waited for the one before it, and what
 * a crash has left behind. To be called again and again.
 */
export function createQueueReactions(deps: {
  readonly log: Pick<ReactionLog, 'ready' | 'queued'>
  readonly queue: Pick<JobQueue, 'enqueue'>
  readonly clock: Clock
}): () => Promise<number> {
  const { log, queue, clock } = deps
  return async () => {
    const ready = await log.ready(clock.now() - againMs, mostAtOnce)
    for (const call of ready) {
      const { reaction, seq } = call
      const dedupeKey = `${seq} ${reaction}`
      const added = await queue.enqueue({
        name: reactionJob,
        payload: { reaction, seq },
        dedupeKey,
        attempts,
      })
      if (!added.ok) throw new Fault(added.code, added.message)
      await log.queued(call, clock.now())
    }
    return ready.length
  }
}
