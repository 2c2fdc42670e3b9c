import { describe, expect, it } from 'vitest'
import type { UsageEvent } from '#contract/usage-event.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Call } from './call.ts'
import { createSettler, type Ending } from './settle.ts'

/** A settler over a journal that takes everything or nothing, and a call that holds one unit. */
function settling(journalError?: Error, plan: { billsAborted?: boolean; writesLater?: boolean } = {}) {
  const events: UsageEvent[] = []
  let write = (): void => {}
  const quota = { used: 0, held: 1 }
  const settler = createSettler({
    clock: { now: () => 5 },
    metrics: { usageEvents() {} } as unknown as Metrics,
    journal: {
      append(event, done) {
        write = () => {
          if (journalError === undefined) events.push(event)
          done(journalError)
        }
        if (plan.writesLater !== true) write()
      },
      isWritable: () => true,
      flush() {},
      close() {},
    },
  })
  const call = {
    inbound: { method: 'GET' },
    startedAt: 2,
    route: {},
    plans: { metering: { fixedUnits: 1, fallbackUnits: 1 } },
    holds: {
      settle(units: number) {
        quota.held -= 1
        quota.used += units
      },
    },
    meter: null,
    isSettled: false,
    grant: {
      key: {},
      subscription: {},
      plan: { billableBelowStatus: 500, billsAborted: plan.billsAborted ?? true },
    },
  } as unknown as Call
  const answers: boolean[] = []
  return {
    events,
    quota,
    answers,
    write: () => write(),
    settle: (ending: Ending) => settler.settle(call, ending, (isRecorded) => answers.push(isRecorded)),
  }
}

describe('settling a request', () => {
  it.each<[Ending, number]>([
    [{ status: 200, kind: 'answered', isComplete: true }, 1],
    [{ status: 499, kind: 'abandoned', isComplete: false }, 1],
    [{ status: 500, kind: 'answered', isComplete: true }, 0],
    [{ status: 502, kind: 'failed', isComplete: false }, 0],
  ])('%j costs %i', (ending, units) => {
    const { settle, quota, events, answers } = settling()
    settle(ending)
    expect(quota).toMatchObject({ used: units, held: 0 })
    expect(events).toMatchObject([{ units, status: ending.status, duration_ms: 3 }])
    expect(answers).toEqual([true])
  })

  it('happens once, however often its end is told', () => {
    const { settle, quota, events, answers } = settling()
    settle({ status: 200, kind: 'answered', isComplete: true })
    settle({ status: 499, kind: 'abandoned', isComplete: false })
    expect(quota).toMatchObject({ used: 1, held: 0 })
    expect([events.length, answers]).toEqual([1, [true]])
  })

  it('charges nothing when the event could not be written', () => {
    const { settle, quota, answers } = settling(new Error('no space'))
    settle({ status: 200, kind: 'answered', isComplete: true })
    expect(quota).toMatchObject({ used: 0, held: 0 })
    expect(answers).toEqual([false])
  })

  it('holds its units until they are recorded, so that a thread that ends before has used nothing', () => {
    const { settle, quota, answers, write } = settling(undefined, { writesLater: true })
    settle({ status: 200, kind: 'answered', isComplete: true })
    expect([quota, answers]).toEqual([{ used: 0, held: 1 }, []])
    write()
    expect([quota, answers]).toEqual([{ used: 1, held: 0 }, [true]])
  })

  it('charges a client that gave up only where the plan says so', () => {
    const { settle, quota } = settling(undefined, { billsAborted: false })
    settle({ status: 499, kind: 'abandoned', isComplete: false })
    expect(quota).toMatchObject({ used: 0, held: 0 })
  })
})
