import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchThread } from './watch-thread.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const everyMs = 5_000
const look = () => vi.advanceTimersByTimeAsync(everyMs)

/** A thread whose answers are in the test's hands. */
function watched(mostLooks: number) {
  let answer = (): void => {}
  const hung = vi.fn()
  const ping = () =>
    new Promise<void>((resolve) => {
      answer = resolve
    })
  const stop = watchThread(ping, hung, { everyMs, mostLooks })
  return { hung, stop, answer: () => answer() }
}

test('a thread that stays silent is told of once', async () => {
  const { hung } = watched(3)
  for (let looks = 0; looks < 3; looks++) await look()
  expect(hung).not.toHaveBeenCalled()
  for (let looks = 0; looks < 5; looks++) await look()
  expect(hung).toHaveBeenCalledTimes(1)
})

test('a thread that answers late, again and again, is left in peace', async () => {
  const { hung, answer } = watched(3)
  for (let turn = 0; turn < 10; turn++) {
    for (let looks = 0; looks < 3; looks++) await look()
    answer()
  }
  expect(hung).not.toHaveBeenCalled()
})

test('nobody is told of a thread that is not watched any more', async () => {
  const { hung, stop } = watched(1)
  await look()
  stop()
  for (let looks = 0; looks < 3; looks++) await look()
  expect(hung).not.toHaveBeenCalled()
})
