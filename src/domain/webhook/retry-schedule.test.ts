import { expect, test } from 'vitest'
import { askedWaitMs, nextAttemptAt } from './retry-schedule.ts'

const waits = (attempts: number, more: { chance?: number; askedMs?: number } = {}) =>
  [1, 2, 3, 4, 5, 9, 10, 50].map((tries) =>
    nextAttemptAt({ tries, attempts, now: 1_000, chance: 0, ...more }),
  )

test('five attempts come after 5 seconds, 5 minutes, half an hour and two hours; then nothing does', () => {
  const after = [5_000, 300_000, 1_800_000, 7_200_000].map((ms) => ms + 1_000)
  expect(waits(5)).toEqual([...after, undefined, undefined, undefined, undefined])
  expect(waits(50).slice(-3)).toEqual([24 * 3_600_000 + 1_000, undefined, undefined])
})

test('what failed together comes back over a tenth of the wait', () => {
  expect(waits(3, { chance: 1 })[0]).toBe(6_500)
})

test('a receiver that asks for more time gets it, up to six hours, and never less than usual', () => {
  expect(waits(3, { askedMs: 60_000 })[0]).toBe(61_000)
  expect(waits(3, { askedMs: 1 })[0]).toBe(6_000)
  expect(waits(3, { askedMs: 1e12 })[0]).toBe(6 * 3_600_000 + 1_000)
})

test('Retry-After is read as seconds and as a date, and anything else is nothing', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  expect(askedWaitMs('120', now)).toBe(120_000)
  expect(askedWaitMs('Fri, 20 Nov 2026 12:01:00 GMT', now)).toBe(60_000)
  for (const nothing of [undefined, '', 'soon', '-5', '1e3', 'Fri, 20 Nov 2020 12:01:00 GMT'])
    expect(askedWaitMs(nothing, now)).toBeUndefined()
})
