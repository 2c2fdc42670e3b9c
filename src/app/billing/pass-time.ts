import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { type DueMoments, nextStop } from '#domain/billing/next-stop.ts'
import { durationMs, momentOf } from '#domain/duration.ts'
import type { JobView } from '#ports/capability/job-queue.ts'
import type { TestClock } from '#ports/clock.ts'
import type { Condition, Records } from '#ports/records.ts'
import { timeText } from './dependencies.ts'

/** The time of an instance, and how far it is before the machine's. */
export interface TestTime {
  readonly now: string
  readonly ahead_ms: number
}

/** The time that it is then, and how often it stopped on the way. */
export type PassedTime = TestTime & { readonly stops: number }

/** The time of an instance that lives in test time. */
export interface PassTime {
  show(): TestTime
  /** The same by a length of time (`30d`), or to a time (ISO 8601): as somebody wrote it. */
  advance(wish: Readonly<Record<string, unknown>>): Promise<Outcome<PassedTime>>
  /** Moves time forward to a moment; at most a year at once. What is due on the way is done at its time and in its order. */
  to(atMs: number): Promise<Outcome<PassedTime>>
}

/** What there is to do on the way. */
export interface TimePassing {
  readonly records: Records
  /** The jobs that wait for a time of their own, without those that come again and again. */
  readonly waitingJobs: () => Promise<readonly JobView[]>
  /** Does everything that is due, schedules included. */
  readonly runDue: () => Promise<unknown>
  readonly drainUsage: () => Promise<unknown>
}

const mostMs = 366 * 86_400_000

/** Lets time pass for an instance with a test clock. */
export function createPassTime(clock: TestClock, deps: TimePassing): PassTime {
  let isPassing = false
  const show = (): TestTime => ({ now: timeText(clock.now()), ahead_ms: clock.aheadMs() })

  async function pass(toMs: number): Promise<number> {
    await deps.drainUsage()
    await deps.runDue()
    let stops = 0
    for (let atMs = clock.now(); atMs < toMs; stops += 1) {
      atMs = nextStop(atMs, toMs, await dueAfter(deps, atMs))
      // The clock goes on by itself: work may have taken longer than there was to the next stop.
      clock.moveTo(Math.max(atMs, clock.now()))
      await deps.runDue()
    }
    return stops
  }

  async function to(atMs: number): Promise<Outcome<PassedTime>> {
    const now = clock.now()
    if (!(atMs > now)) return refuseTime('must be in the future: time only moves forward')
    if (atMs - now > mostMs) return refuseTime('must be within a year')
    if (isPassing) return refuse('conflict', 'Time is on its way already')
    isPassing = true
    try {
      const stops = await pass(atMs)
      return accept({ ...show(), stops })
    } finally {
      isPassing = false
    }
  }

  return {
    show,
    to,
    async advance({ by, to: until }) {
      if ((by === undefined) === (until === undefined))
        return refuseFields([{ field: 'by', reason: 'or to must be given, and not both' }])
      const lengthMs = typeof by === 'string' ? durationMs(by) : undefined
      if (by !== undefined && lengthMs === undefined)
        return refuseFields([{ field: 'by', reason: 'must be a length of time such as 30d, 12h or 15m' }])
      if (lengthMs !== undefined) return to(clock.now() + lengthMs)
      const isTime = typeof until === 'string' && durationMs(until) === undefined
      const atMs = isTime ? momentOf(until, clock.now()) : undefined
      return atMs === undefined ? refuseTime('must be a time such as 2027-01-01T00:00:00Z') : to(atMs)
    },
  }
}

const refuseTime = (reason: string) => refuseFields([{ field: 'to', reason }])

/** What is due after a moment: of every kind the first one. */
async function dueAfter({ records, waitingJobs }: TimePassing, afterMs: number): Promise<DueMoments> {
  const first = async <M extends keyof Rows>(
    module: M,
    field: keyof Rows[M] & string,
    ...where: readonly Condition[]
  ): Promise<readonly number[]> => {
    const { items } = await records.list(module, {
      where: [...where, { field, op: 'gt', value: timeText(afterMs) }],
      sort: { field, descending: false },
      limit: 1,
    })
    return items.map((row) => Date.parse(String(row[field])))
  }
  const status = (value: string): Condition => ({ field: 'status', op: 'eq', value })
  const biller = await Promise.all([
    first('subscription', 'bill_at'),
    first('invoice', 'finalize_at', status('draft')),
    first('invoice', 'due_at', status('open')),
    first('credit_grant', 'expires_at', status('active')),
  ])
  const jobs = await waitingJobs()
  return {
    subscriptions: await first('subscription', 'due_at'),
    biller: biller.flat(),
    jobs: jobs.map(({ run_at }) => Date.parse(run_at)),
  }
}
