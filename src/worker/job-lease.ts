import type { OpenJobQueue } from '#app/jobs/job-queue.ts'
import { retryDelayMs } from '#app/jobs/retry-delay.ts'
import type { QueueCapability } from '#contract/capabilities.gen.ts'
import { Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { JobMetrics } from '#ports/metrics.ts'

/** A job as the queue hands it over. */
export interface TakenJob {
  readonly job_id: string
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly attempt: number
  readonly attempts: number
  readonly lease: string
}

/** A job whose lease is kept until it is let go. */
export interface HeldJob {
  readonly job: TakenJob
  readonly signal: AbortSignal
  /** Stops keeping the lease; false when it was given back or lost before. */
  letGo(): boolean
  /** Ends the work and lets another one have the job, without counting the attempt. */
  giveBack(): Promise<void>
}

interface LeaseParts {
  readonly queue: () => QueueCapability
  readonly jobs: OpenJobQueue
  readonly clock: Clock
  readonly log: Log
  readonly metrics: JobMetrics
  readonly chance: () => number
  readonly leaseMs: number
  readonly onDead?: (job: { readonly id: string; readonly name: string; readonly error: string }) => void
}

const mostErrorLength = 2_000

/** Keeps the lease of a job: extended three times in its length, and given up when that fails until it has ended. */
export function holdLease({ queue, clock, log, leaseMs }: LeaseParts, job: TakenJob): HeldJob {
  const abort = new AbortController()
  const { job_id, lease } = job
  let endsAt = clock.now() + leaseMs
  let isHeld = true
  const lose = (): void => {
    if (!isHeld) return
    isHeld = false
    clearInterval(timer)
    abort.abort()
  }
  const extend = async (): Promise<void> => {
    const until = clock.now() + leaseMs
    const outcome = await queue().extend({ job_id, lease, lease_ms: leaseMs })
    if (outcome.ok && outcome.value.extended) endsAt = until
    else if (outcome.ok || clock.now() >= endsAt) {
      log.warn({ job: job_id, name: job.name }, 'the lease of a job was lost: another worker has it')
      lose()
    }
  }
  const timer = setInterval(() => {
    extend().catch((error: unknown) => log.error({ error, job: job_id }, 'a lease could not be kept'))
  }, leaseMs / 3)
  timer.unref()
  return {
    job,
    signal: abort.signal,
    letGo() {
      clearInterval(timer)
      const was = isHeld
      isHeld = false
      return was
    },
    async giveBack() {
      if (!isHeld) return
      lose()
      await queue().release({ job_id, lease })
    },
  }
}

/** Does one attempt and tells the queue how it went; what cannot be told is found out by the end of the lease. */
export async function runUnderLease(parts: LeaseParts, held: HeldJob): Promise<void> {
  const { job } = held
  const outcome = await attempt(parts, held)
  if (!held.letGo()) return
  try {
    const result = outcome.ok ? await complete(parts, job) : await fail(parts, job, outcome)
    parts.metrics.jobDone(result)
  } catch (error) {
    parts.log.error({ error, job: job.job_id }, 'the end of a job could not be noted; it is done again')
  }
}

async function attempt(parts: LeaseParts, { job, signal }: HeldJob): Promise<Outcome<unknown>> {
  const handler = parts.jobs.handlers.get(job.name)
  if (handler === undefined) return refuse('service_unavailable', `nobody here does ${job.name}`)
  const { job_id: id, name, payload, attempt: count, attempts } = job
  try {
    return await handler({ id, name, payload, attempt: count, attempts, signal })
  } catch (error) {
    parts.log.error({ error, job: id, name }, 'a job failed')
    // What is thrown may hold secrets of whatever threw it, and dead letters are shown.
    return refuse('service_unavailable', error instanceof Fault ? error.message : 'failed on our side')
  }
}

async function complete({ queue }: LeaseParts, { job_id, lease }: TakenJob): Promise<'done' | 'lost'> {
  const done = await queue().complete({ job_id, lease })
  if (!done.ok) throw new Fault('service_unavailable', done.message)
  return done.value.completed ? 'done' : 'lost'
}

async function fail(
  { queue, clock, chance, onDead }: LeaseParts,
  job: TakenJob,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<'retried' | 'dead' | 'lost'> {
  const isWorthAnother = code === 'service_unavailable'
  const retryAt = new Date(clock.now() + retryDelayMs(job.attempt, chance())).toISOString()
  const error = message.slice(0, mostErrorLength)
  const failed = await queue().fail({
    job_id: job.job_id,
    lease: job.lease,
    error,
    ...(isWorthAnother ? { retry_at: retryAt } : {}),
  })
  if (!failed.ok) throw new Fault('service_unavailable', failed.message)
  const { state } = failed.value
  if (state === 'dead') onDead?.({ id: job.job_id, name: job.name, error })
  return state === 'waiting' ? 'retried' : state
}
