import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

const hourMs = 60 * 60_000
const clock = frozenClock()
let house: TestHouse

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  house = await startHouse({ clock })
})
afterEach(async () => {
  vi.useRealTimers()
  await house.close()
})

test('a running server deletes kept answers within an hour of their end, also when nobody sends a request', async () => {
  const { db } = house.running.house.database
  const kept = () => db.selectFrom('idempotency_records').select('key').execute()
  await house.api('POST', '/api/plans', { name: 'once' }, { 'idempotency-key': 'k' })
  expect(await kept()).toEqual([{ key: 'k' }])
  clock.advance(23 * hourMs)
  await vi.advanceTimersByTimeAsync(hourMs)
  expect(await kept()).toEqual([{ key: 'k' }])
  clock.advance(hourMs)
  await vi.advanceTimersByTimeAsync(hourMs)
  await expect.poll(kept).toEqual([])
})
