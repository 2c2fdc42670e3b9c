import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ask } from '#test/support/bombard.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { lastingMonth } from '#test/support/lasting-month.ts'
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
beforeEach(lastingMonth)

const requests = 1_000

/** Sends a thousand requests at once, each over a connection of its own, and counts the answers by status. */
async function storm(key: string): Promise<Readonly<Record<number, number>>> {
  const counts: Record<number, number> = {}
  const answers = await Promise.all(Array.from({ length: requests }, () => ask(`${house.url}/x`, key)))
  for (const answer of answers) counts[answer?.status ?? 0] = (counts[answer?.status ?? 0] ?? 0) + 1
  return counts
}

it('four workers admit of a thousand concurrent requests exactly what a hard quota leaves', async () => {
  const { key } = await makeCustomer(house, {
    rate_limit_per_minute: -1,
    requests_per_month: 400,
    quota_mode: 'hard',
  })
  expect(await storm(key)).toEqual({ 200: 400, 402: 600 })
  expect(house.servedBy().size).toBeGreaterThan(1)
  expect(await house.usageEvents()).toHaveLength(400)
})

it('four workers admit exactly what a bucket holds, and what flows into it meanwhile', async () => {
  const perMinute = 300
  const { key } = await makeCustomer(house, { rate_limit_per_minute: perMinute })
  const startedAt = performance.now()
  const counts = await storm(key)
  const minutes = (performance.now() - startedAt) / 60_000
  expect(counts[200]).toBeGreaterThanOrEqual(perMinute)
  expect(counts[200]).toBeLessThanOrEqual(perMinute + Math.ceil(minutes * perMinute))
  expect((counts[200] ?? 0) + (counts[429] ?? 0)).toBe(requests)
})

it('a place under a concurrency limit is one for all workers, and is given back by one that ends', async () => {
  const { key } = await makeCustomer(house, {
    rate_limit_per_minute: -1,
    limits: [{ name: 'places', algorithm: 'concurrency', limit: 8 }],
  })
  const waiting: (() => void)[] = []
  upstream.answer((_request, response) => void waiting.push(() => response.end('ok')))
  const answered: (number | undefined)[] = []
  const asked = Array.from({ length: 40 }, async () => {
    answered.push((await ask(`${house.url}/x`, key))?.status)
  })
  // A worker that ends takes with it whom it has not answered yet: it may not end before everybody else is refused.
  await expect.poll(() => [waiting.length, answered.length]).toEqual([8, 32])
  expect(new Set(answered)).toEqual(new Set([429]))
  for (const number of [1, 2, 3, 4]) house.break(number, 'throw')
  await Promise.all(asked)
  expect(answered.slice(32)).toEqual(Array(8).fill(undefined))
  const replaced = 'a gateway worker ended and is replaced'
  await expect.poll(() => house.told.filter(({ message }) => message === replaced)).toHaveLength(4)
  await house.ready()
  upstream.answer((_request, response) => void response.end('ok'))
  const again = await Promise.all(Array.from({ length: 8 }, () => ask(`${house.url}/x`, key)))
  expect(new Set(again.map((answer) => answer?.status))).toEqual(new Set([200]))
})
