import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { monthOf } from '#domain/period.ts'
import type { LimitTable } from '#gateway/limits/limit-table.ts'
import { quotaAccount } from '#gateway/limits/quota-account.ts'
import { limitOn, smallTable, startMs } from '#test/support/limit-bench.ts'
import type { HammerOrder } from './hammer-child.ts'

const workers = 4
const attempts = 20_000
const file = join(import.meta.dirname, 'hammer-child.ts')

/** Lets four threads take from one table in the same moment; how much each was admitted. */
async function hammer(table: LimitTable, order: Partial<HammerOrder>): Promise<number[]> {
  const gate = new SharedArrayBuffer(8)
  return Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const workerData: HammerOrder = {
        buffer: table.buffer,
        workerNumber: index + 1,
        gate,
        workers,
        attempts,
        nowMs: startMs,
        rule: undefined,
        quota: { units: 1, ceiling: Number.POSITIVE_INFINITY, used: 1 },
        scopes: 1,
        endsAbruptly: false,
        ...order,
      }
      const worker = new Worker(file, { workerData })
      const [admitted] = (await once(worker, 'message')) as [number]
      await worker.terminate()
      return admitted
    }),
  )
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

describe('four threads on one table', () => {
  it.each(['token_bucket', 'fixed_window', 'sliding_window', 'concurrency'] as const)(
    'are admitted exactly the limit together: %s',
    async (algorithm) => {
      const table = smallTable(workers + 1)
      const { rule } = limitOn(table, algorithm, { limit: 30_000 })
      expect(sum(await hammer(table, { rule }))).toBe(30_000)
    },
  )

  it('make one count for each scope, also when all of them come to it at once', async () => {
    const table = smallTable(workers + 1, 512)
    const scopes = 200
    const { rule } = limitOn(table, 'fixed_window', { limit: 30 })
    expect(sum(await hammer(table, { rule, scopes }))).toBe(scopes * 30)
  })

  it('hold exactly the quota, in calls and in bytes', async () => {
    expect(sum(await hammer(smallTable(5), { quota: { units: 1, ceiling: 25_000, used: 1 } }))).toBe(25_000)
    const terabyte = 1_000_000_000_000
    const quota = { units: terabyte, ceiling: 7_000.5 * terabyte, used: terabyte }
    expect(sum(await hammer(smallTable(5), { quota }))).toBe(7_000)
  })

  it('count what they used and nothing of what they only held', async () => {
    const table = smallTable(workers + 1)
    const admitted = await hammer(table, {
      quota: { units: 1_000_000_000, ceiling: Number.POSITIVE_INFINITY, used: 3 },
      scopes: 2,
    })
    expect(admitted).toEqual(Array(workers).fill(attempts))
    const account = quotaAccount(table)
    for (const id of ['sub_0', 'sub_1'])
      expect(account.taken(account.monthOf(id, monthOf(startMs)))).toBe((workers * attempts * 3) / 2)
  })

  it('leave nothing held when they end in the middle of their requests', async () => {
    const table = smallTable(workers + 1)
    const limit = limitOn(table, 'concurrency', { limit: 50_000 }, '')
    const key = table.key('scope 0')
    const shared = { ...limit, key }
    const admitted = await hammer(table, { rule: limit.rule })
    expect(limit.policy.remaining(shared, startMs)).toBe(0)
    table.releaseWorker(2)
    expect(limit.policy.remaining(shared, startMs)).toBe(admitted[1])
    for (const worker of [1, 3, 4]) table.releaseWorker(worker)
    table.releaseWorker(2)
    expect(limit.policy.remaining(shared, startMs)).toBe(50_000)

    const held = { units: 5, ceiling: Number.POSITIVE_INFINITY, used: 5 }
    await hammer(table, { quota: held, endsAbruptly: true })
    const account = quotaAccount(table)
    const counter = account.monthOf('sub_0', monthOf(startMs))
    expect(account.taken(counter)).toBe(5 * workers * attempts)
    for (const worker of [1, 2, 3]) table.releaseWorker(worker)
    expect(account.taken(counter)).toBe(5 * attempts)
  })
})
