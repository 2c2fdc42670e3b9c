import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ask } from '#test/support/bombard.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers, type WorkerHouse } from './worker-house.ts'

let upstream: Upstream
let house: WorkerHouse
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startWorkers(4)
  await makeRoute(house, upstream.url)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

/** So many answers to as many connections at once, by status. */
async function atOnce(count: number, key: string): Promise<Record<number, number>> {
  const answers = await Promise.all(
    Array.from({ length: count }, () => ask(`${house.url}/x`, key, { agent: false })),
  )
  const byStatus: Record<number, number> = {}
  for (const answer of answers) byStatus[answer?.status ?? 0] = (byStatus[answer?.status ?? 0] ?? 0) + 1
  return byStatus
}

it('four workers and 1,000 requests at once keep a rate limit, a window and a hard quota exactly', async () => {
  const daily = { name: 'daily', limit: 333, algorithm: 'fixed_window', window_seconds: 86_400 }
  const windowed = await makeCustomer(house, { rate_limit_per_minute: -1, limits: [daily] })
  expect(await atOnce(1_000, windowed.key)).toEqual({ 200: 333, 429: 667 })
  expect(house.servedBy().size).toBe(4)
  const metered = await makeCustomer(house, { rate_limit_per_minute: -1, requests_per_month: 250 })
  expect(await atOnce(1_000, metered.key)).toEqual({ 200: 250, 402: 750 })
})

it('a worker that ends by an error leaves nothing held: neither places nor units', async () => {
  const limits = [{ name: 'parallel', limit: 40, algorithm: 'concurrency' }]
  const { key } = await makeCustomer(house, { rate_limit_per_minute: -1, requests_per_month: 40, limits })
  let waiting = 0
  upstream.answer(() => {
    waiting++
  })
  const held = Array.from({ length: 40 }, () => ask(`${house.url}/x`, key, { agent: false }))
  await vi.waitFor(() => expect(waiting).toBe(40), 20_000)
  expect(await atOnce(5, key)).toEqual({ 429: 5 })
  for (const worker of [1, 2, 3, 4]) house.break(worker, 'throw')
  await Promise.all(held)
  upstream.answer((_request, response) => void response.end('ok'))
  await vi.waitFor(async () => expect((await house.api('GET', '/health/ready')).status).toBe(200), 20_000)
  expect(await atOnce(40, key)).toEqual({ 200: 40 })
})
