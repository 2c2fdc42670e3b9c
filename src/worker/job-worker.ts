import type { OpenJobQueue } from '#app/jobs/job-queue.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { JobMetrics } from '#ports/metrics.ts'
import { type HeldJob, holdLease, runUnderLease, type TakenJob } from './job-lease.ts'

const pauseMs = 1_000
const scheduleEveryMs = 10_000
const countEveryMs = 15_000

/** Does the jobs that this process has handlers for. */
export interface JobWorker {
  start(): void
  /** There may be something to do. */
  wake(): void
  /** Adds what schedules have next, does everything that is due, one batch after another, and answers how many attempts that was. */
  runDue(): Promise<number>
  /** Takes nothing more, lets what runs finish for a while, then gives it back to the queue for others. */
  stop(graceMs: number): Promise<void>
}

/** What a worker works with. */
export interface JobWorkerParts {
  readonly jobs: OpenJobQueue
  readonly capabilities: Capabilities
  readonly clock: Clock
  readonly log: Log
  readonly metrics: JobMetrics
  /** Numbers from 0 to 1 that spread retries. */
  readonly chance: () => number
  /** Jobs that run at once. */
  readonly mostAtOnce: number
  readonly leaseMs: number
  /** Hears of jobs that have become dead letters. */
  readonly onDead?: (job: { readonly id: string; readonly name: string; readonly error: string }) => void
}

/** Makes a worker; several, in several processes, may share one queue. */
export function createJobWorker(parts: JobWorkerParts): JobWorker {
  const { jobs, clock, log } = parts
  const queue = () => parts.capabilities.capability('queue')
  const running = new Map<HeldJob, Promise<void>>()
  const bell = createBell()
  let loop: Promise<void> | undefined
  let taking: Promise<number> = Promise.resolve(0)
  let isStopped = false
  /** The next time of each schedule that the queue has. */
  let told = new Map<string, number>()
  let scheduledAt = Number.NEGATIVE_INFINITY
  let countedAt = Number.NEGATIVE_INFINITY

  const take = async (): Promise<number> => {
    const limit = parts.mostAtOnce - running.size
    if (limit <= 0) return 0
    const names = [...jobs.handlers.keys()]
    const taken = await queue().take({ names, limit, lease_ms: parts.leaseMs })
    if (!taken.ok) {
      log.warn({ reason: taken.message }, 'jobs could not be taken; tried again')
      return 0
    }
    const list = taken.value.jobs as readonly TakenJob[]
    for (const job of list) {
      const held = holdLease({ ...parts, queue }, job)
      const work = runUnderLease({ ...parts, queue }, held).finally(() => {
        running.delete(held)
        bell.ring()
      })
      running.set(held, work)
    }
    return list.length
  }

  /** The next job of each schedule waits in the queue, put there by whoever is first. */
  const schedule = async (): Promise<void> => {
    scheduledAt = clock.now()
    const before = told
    told = new Map()
    for (const { schedule: key, recurrence, name, payload, attempts } of await jobs.schedules()) {
      const next = recurrence.after(clock.now())
      if (next === undefined) continue
      // What waits already need not be written again and again.
      if (before.get(key) === next) {
        told.set(key, next)
        continue
      }
      const occurs_at = new Date(next).toISOString()
      const job = { name, payload, ...(attempts === undefined ? {} : { attempts }) }
      const added: Outcome<unknown> = await queue().recur({ schedule: key, occurs_at, ...job })
      if (added.ok) told.set(key, next)
      else log.warn({ schedule: key, reason: added.message }, 'a schedule could not be kept; tried again')
    }
  }

  const count = async (): Promise<void> => {
    countedAt = clock.now()
    const counted = await queue().count({})
    if (counted.ok) parts.metrics.jobsWaiting(counted.value)
  }

  const turn = async (): Promise<number> => {
    try {
      if (clock.now() - scheduledAt >= scheduleEveryMs) await schedule()
      if (clock.now() - countedAt >= countEveryMs) await count()
      taking = take()
      return await taking
    } catch (error) {
      log.error({ error }, 'the queue could not be worked on; tried again')
      return 0
    }
  }

  const work = async (): Promise<void> => {
    while (!isStopped) {
      const heard = bell.rings()
      const taken = await turn()
      if (taken === 0 && bell.rings() === heard) await bell.within(pauseMs)
      else if (running.size >= parts.mostAtOnce) await Promise.race(running.values())
    }
  }

  return {
    start() {
      loop ??= work()
    },
    wake: bell.ring,
    async runDue() {
      await schedule()
      for (let total = 0; ; ) {
        const taken = await take()
        total += taken
        // What the loop of a started worker takes meanwhile was due as well; how that fails is its own business.
        await taking.catch(() => undefined)
        if (taken === 0 && running.size === 0) return total
        await Promise.all(running.values())
      }
    },
    async stop(graceMs) {
      isStopped = true
      bell.ring()
      await loop
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs)
      })
      await Promise.race([Promise.all(running.values()), patience])
      clearTimeout(timer)
      await Promise.all([...running.keys()].map((held) => held.giveBack()))
    },
  }
}

/** A pause that ringing ends. */
function createBell() {
  let rings = 0
  let end: (() => void) | undefined
  return {
    /** How often it has rung: what rang while nobody waited must not be missed. */
    rings: () => rings,
    ring(): void {
      rings += 1
      end?.()
    },
    within(ms: number): Promise<void> {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        timer.unref()
        end = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    },
  }
}
