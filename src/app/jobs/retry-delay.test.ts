import { expect, test } from 'vitest'
import { retryDelayMs } from './retry-delay.ts'

test('waits double from two seconds to an hour, and those of many at once are spread over half of each', () => {
  expect([1, 2, 3, 11, 12, 13, 1_000].map((attempt) => retryDelayMs(attempt, 1))).toEqual([
    2_000, 4_000, 8_000, 2_048_000, 3_600_000, 3_600_000, 3_600_000,
  ])
  expect([0, 0.5, 1].map((chance) => retryDelayMs(2, chance))).toEqual([2_000, 3_000, 4_000])
})
