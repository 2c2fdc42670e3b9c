import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { QueueCapability } from '#contract/capabilities.gen.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import { type AtTheEnd, afterAllOfThem } from '#test/support/at-the-end.ts'
import type { FrozenClock } from '#test/support/frozen-clock.ts'

/** A queue under test: the capability as two processes see it, on the clock that they share. */
export interface QueueUnderTest {
  readonly here: Capabilities
  readonly there: Capabilities
  readonly clock: FrozenClock
  /** Forgets every job and schedule there is. */
  clear(): Promise<void>
}

interface Taken {
  readonly job_id: string
  readonly payload: unknown
  readonly attempt: number
  readonly lease: string
}

const value = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value
}

/** What every provider of `queue` promises. */
export function queueConformance(name: string, open: (atTheEnd: AtTheEnd) => Promise<QueueUnderTest>): void {
  let opened: QueueUnderTest
  const start = () => {
    const { here, there, clock } = opened
    const [queue, other] = [here.capability('queue'), there.capability('queue')]
    const add = async (payload: object, more: Partial<Parameters<QueueCapability['enqueue']>[0]> = {}) =>
      value(await queue.enqueue({ name: 'work', payload, ...more }))
    const take = async (from = queue, limit = 10, lease_ms = 60_000) =>
      value(await from.take({ names: ['work'], limit, lease_ms })).jobs as readonly Taken[]
    const at = (ms: number): string => new Date(clock.now() + ms).toISOString()
    const counts = async () => value(await queue.count({}))
    return { queue, other, clock, add, take, at, counts }
  }

  describe(`the queue provider ${name}`, () => {
    const atTheEnd = afterAllOfThem()
    beforeAll(async () => {
      opened = await open(atTheEnd)
    })
    beforeEach(() => opened.clear())

    it('hands a job over once, with its payload, and it is gone when it is completed', async () => {
      const { queue, other, add, take, counts } = start()
      const { job_id } = await add({ n: 1, text: 'é' })
      const [job, ...more] = await take()
      expect(more).toEqual([])
      expect(job).toMatchObject({ job_id, payload: { n: 1, text: 'é' }, attempt: 1 })
      expect(await take(other)).toEqual([])
      expect(await counts()).toEqual({ waiting: 0, running: 1, dead: 0 })
      expect(value(await queue.complete({ job_id, lease: job?.lease ?? '' }))).toEqual({ completed: true })
      expect(await counts()).toEqual({ waiting: 0, running: 0, dead: 0 })
    })

    it('gives no job to two who ask at once', async () => {
      const { queue, other, add, take } = start()
      for (let n = 0; n < 40; n++) await add({ n })
      const batches = await Promise.all(
        Array.from({ length: 16 }, (_, index) => take(index % 2 === 0 ? queue : other, 5)),
      )
      const taken = batches.flat().map(({ job_id }) => job_id)
      expect(new Set(taken).size).toBe(taken.length)
      expect(taken).toHaveLength(40)
    })

    it('hands over what is due, oldest first, only by the names asked for, and delayed jobs not before their time', async () => {
      const { queue, clock, add, take, at } = start()
      await add({ n: 'later' }, { run_at: at(10_000) })
      await add({ n: 'first' }, { run_at: at(-2_000) })
      await add({ n: 'second' }, { run_at: at(-1_000) })
      value(await queue.enqueue({ name: 'other', payload: {} }))
      expect((await take(queue, 1)).map(({ payload }) => payload)).toEqual([{ n: 'first' }])
      expect((await take()).map(({ payload }) => payload)).toEqual([{ n: 'second' }])
      clock.advance(9_999)
      expect(await take()).toEqual([])
      clock.advance(1)
      expect((await take()).map(({ payload }) => payload)).toEqual([{ n: 'later' }])
    })

    it('adds none while one with the same key waits or runs, also not from two at once, and one again afterwards', async () => {
      const { queue, other, add, take, counts } = start()
      const key = { dedupe_key: 'k' }
      const ways = [queue, other, queue, other]
      const added = await Promise.all(
        ways.map(async (one) => value(await one.enqueue({ name: 'work', payload: {}, ...key }))),
      )
      expect(added.filter(({ is_duplicate }) => !is_duplicate)).toHaveLength(1)
      expect(new Set(added.map(({ job_id }) => job_id)).size).toBe(1)
      const [job] = await take()
      expect((await add({}, key)).is_duplicate).toBe(true)
      expect(value(await queue.enqueue({ name: 'other', payload: {}, ...key })).is_duplicate).toBe(false)
      value(await queue.complete({ job_id: job?.job_id ?? '', lease: job?.lease ?? '' }))
      expect((await add({}, key)).is_duplicate).toBe(false)
      expect(await counts()).toEqual({ waiting: 2, running: 0, dead: 0 })
    })

    it('gives a job to another when the lease has ended, and whoever had it can change nothing any more', async () => {
      const { queue, other, clock, add, take } = start()
      const { job_id } = await add({})
      const [first] = await take(queue, 1, 1_000)
      const mine = { job_id, lease: first?.lease ?? '' }
      clock.advance(999)
      expect(await take(other)).toEqual([])
      expect(value(await queue.extend({ ...mine, lease_ms: 1_000 }))).toEqual({ extended: true })
      clock.advance(999)
      expect(await take(other)).toEqual([])
      clock.advance(1)
      const [second] = await take(other)
      expect(second).toMatchObject({ job_id, attempt: 2 })
      expect(value(await queue.complete(mine))).toEqual({ completed: false })
      expect(value(await queue.release(mine))).toEqual({ released: false })
      expect(value(await queue.extend({ ...mine, lease_ms: 1_000 }))).toEqual({ extended: false })
      expect(value(await queue.fail({ ...mine, error: 'x' }))).toEqual({ state: 'lost' })
      expect(value(await other.complete({ job_id, lease: second?.lease ?? '' }))).toEqual({ completed: true })
    })

    it('tries again at the time that was said, until the attempts are used up; then it is a dead letter', async () => {
      const { queue, clock, add, take, at } = start()
      const { job_id } = await add({ n: 1 }, { attempts: 2 })
      const [first] = await take()
      const failing = { job_id, error: 'is down' }
      expect(value(await queue.fail({ ...failing, lease: first?.lease ?? '', retry_at: at(5_000) }))).toEqual(
        { state: 'waiting' },
      )
      expect(await take()).toEqual([])
      clock.advance(5_000)
      const [second] = await take()
      expect(second?.attempt).toBe(2)
      expect(
        value(await queue.fail({ ...failing, lease: second?.lease ?? '', retry_at: at(5_000) })),
      ).toEqual({ state: 'dead' })
      clock.advance(3_600_000)
      expect(await take()).toEqual([])
      const { jobs } = value(await queue.list({ state: 'dead' }))
      expect(jobs).toMatchObject([{ job_id, name: 'work', payload: { n: 1 }, attempt: 2, error: 'is down' }])
    })

    it('makes a dead letter of a job that may not be tried again, and of one whose worker died at its last attempt', async () => {
      const { queue, clock, add, take, counts } = start()
      const { job_id } = await add({})
      const [job] = await take()
      expect(value(await queue.fail({ job_id, lease: job?.lease ?? '', error: 'no' }))).toEqual({
        state: 'dead',
      })
      await add({}, { attempts: 1 })
      expect(await take(queue, 1, 1_000)).toHaveLength(1)
      clock.advance(1_000)
      expect(await take()).toEqual([])
      expect(await counts()).toEqual({ waiting: 0, running: 0, dead: 2 })
    })

    it('tries a dead letter again with all its attempts, unless another job with its key is there', async () => {
      const { queue, add, take } = start()
      const { job_id } = await add({}, { dedupe_key: 'k', attempts: 1 })
      const [job] = await take()
      value(await queue.fail({ job_id, lease: job?.lease ?? '', error: 'no' }))
      const { job_id: rival } = await add({}, { dedupe_key: 'k' })
      expect(await queue.revive({ job_id })).toMatchObject({ ok: false, code: 'conflict' })
      expect(value(await queue.delete({ job_id: rival }))).toEqual({ deleted: true })
      expect(value(await queue.revive({ job_id }))).toEqual({ revived: true })
      expect(value(await queue.revive({ job_id }))).toEqual({ revived: false })
      expect(await take()).toMatchObject([{ job_id, attempt: 1 }])
    })

    it('gives back a job without counting the attempt', async () => {
      const { queue, other, add, take } = start()
      const { job_id } = await add({}, { attempts: 1 })
      const [job] = await take()
      expect(value(await queue.release({ job_id, lease: job?.lease ?? '' }))).toEqual({ released: true })
      expect(await take(other)).toMatchObject([{ job_id, attempt: 1 }])
    })

    it('deletes what waits or is dead, and not what runs', async () => {
      const { queue, add, take } = start()
      const { job_id } = await add({})
      await take()
      expect(value(await queue.delete({ job_id }))).toEqual({ deleted: false })
      expect(value(await queue.delete({ job_id: 'job_nobody' }))).toEqual({ deleted: false })
    })

    it('lists the youngest first, page by page, by state and name', async () => {
      const { queue, clock, add, take } = start()
      const ids: string[] = []
      for (let n = 0; n < 5; n++) {
        clock.advance(1)
        ids.unshift((await add({ n })).job_id)
      }
      const idsOf = (jobs: unknown) => (jobs as { job_id: string }[]).map(({ job_id }) => job_id)
      const page = value(await queue.list({ limit: 3 }))
      expect([idsOf(page.jobs), page.has_more]).toEqual([ids.slice(0, 3), true])
      const rest = value(await queue.list({ limit: 3, before: ids[2] }))
      expect([idsOf(rest.jobs), rest.has_more]).toEqual([ids.slice(3), false])
      await take(queue, 2)
      expect(idsOf(value(await queue.list({ state: 'waiting' })).jobs)).toEqual(ids.slice(0, 3))
      expect(idsOf(value(await queue.list({ name: 'other' })).jobs)).toEqual([])
    })

    it('adds each occurrence of a schedule once, whoever asks and how often, also after it was done', async () => {
      const { queue, other, clock, take, at } = start()
      const occurrence = { schedule: 's', occurs_at: at(1_000), name: 'work', payload: { s: 1 } }
      // On a database of connections these are several at once; SQLite has one writer for a process.
      const added = await Promise.all(
        [queue, queue, queue].map(async (one) => value(await one.recur(occurrence)).added),
      )
      expect(value(await other.recur(occurrence)).added).toBe(false)
      expect(added.filter((one) => one)).toHaveLength(1)
      expect(await take()).toEqual([])
      clock.advance(1_000)
      const [job] = await take()
      expect(job?.payload).toEqual({ s: 1 })
      value(await queue.complete({ job_id: job?.job_id ?? '', lease: job?.lease ?? '' }))
      expect(value(await other.recur(occurrence)).added).toBe(false)
      expect(value(await other.recur({ ...occurrence, occurs_at: at(1_000) })).added).toBe(true)
      expect(value(await other.recur({ ...occurrence, schedule: 'other' })).added).toBe(true)
    })

    it('refuses what is no job, and what is too large, and adds nothing', async () => {
      const { queue, counts } = start()
      const wrong = [
        { name: 'Not a name', payload: {} },
        { name: 'work', payload: {}, attempts: 0 },
        { name: 'work', payload: { text: 'x'.repeat(300_000) } },
      ]
      for (const job of wrong)
        expect(await queue.enqueue(job)).toMatchObject({ ok: false, code: 'validation_error' })
      expect(await counts()).toEqual({ waiting: 0, running: 0, dead: 0 })
    })
  })
}
