import { lockDataDirectory } from '#adapters/sql/data-lock.ts'
import { createPassTime, type PassTime } from '#app/billing/pass-time.ts'
import { type Outcome, refuse } from '#contract/outcome.ts'
import type { House } from './open-house.ts'
import { createHouseWorker } from './open-jobs.ts'

export { momentOf } from '#domain/duration.ts'

const mostJobs = 200
const unwatched = { jobDone() {}, jobsWaiting() {} }

/** Lets time pass for a house that lives in test time; undefined for any other. */
export function openTestTime(
  house: Pick<House, 'testClock' | 'engine' | 'jobs'>,
  work: { readonly runDue: () => Promise<unknown>; readonly drainUsage: () => Promise<unknown> },
): PassTime | undefined {
  const { testClock, engine, jobs } = house
  if (testClock === undefined) return undefined
  return createPassTime(testClock, {
    ...work,
    records: engine.records,
    async waitingJobs() {
      const recurring = new Set((await jobs.queue.schedules()).map(({ name }) => name))
      const listed = await jobs.queue.list({ state: 'waiting', limit: mostJobs })
      return listed.ok ? listed.value.jobs.filter(({ name }) => !recurring.has(name)) : []
    },
  })
}

/** Works with the time of a house that no server uses: beside one, the two would live in different times. */
export async function withOwnTime<T>(
  house: House,
  work: (time: PassTime) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const lock = lockDataDirectory(house.config.dataDirectory)
  const worker = createHouseWorker(house, unwatched)
  try {
    const time = openTestTime(house, { runDue: worker.runDue, drainUsage: house.drainUsage })
    return time === undefined
      ? refuse('conflict', 'The instance has no test clock: set APIGATE_TEST_CLOCK=1')
      : await work(time)
  } finally {
    await worker.stop(0)
    lock.release()
  }
}
