import { expect, test } from 'vitest'
import { retryDelayMs } from './retry-delay.ts'

test('waits double from 15 seconds to an hour, and those of many at once are spread over half of each', () => {
  expect([1, 2, 3, 8, 9, 10, 1_000].map((attempt) => retryDelayMs(attempt, 1))).toEqual([
    15_000, 30_000, 60_000, 1_920_000, 3_600_000, 3_600_000, 3_600_000,
  ])
  expect([0, 0.5, 1].map((chance) => retryDelayMs(2, chance))).toEqual([15_000, 22_500, 30_000])
})
