import { expect, test } from 'vitest'
import { durationMs } from './duration.ts'

test('a length of time is a number and one unit, and nothing else is guessed at', () => {
  expect(['90s', '30m', '168h', '7d'].map(durationMs)).toEqual([90_000, 1_800_000, 604_800_000, 604_800_000])
  for (const text of ['', '0h', '-1h', '1.5h', '1 h', '1w', 'h', '123456s', '1h30m'])
    expect(durationMs(text)).toBeUndefined()
})
