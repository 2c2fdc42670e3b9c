import fc from 'fast-check'
import { expect, test } from 'vitest'
import { graceEndMs, nextTryMs } from './dunning.ts'

const dayMs = 86_400_000

test('a card is tried again after 2, 5, 7 and 7 days, and then no more', () => {
  const tries = [1, 2, 3, 4, 5].map((failures) =>
    nextTryMs({ failures, declineCode: 'insufficient_funds', atMs: 0 }),
  )
  expect(tries).toEqual([2 * dayMs, 5 * dayMs, 7 * dayMs, 7 * dayMs, undefined])
})

test('a hard decline is never tried again by itself, however early', () => {
  for (const failures of [1, 2, 3, 4])
    expect(nextTryMs({ failures, declineCode: 'stolen_card', atMs: 0 })).toBeUndefined()
})

test('a card is tried at most five times by itself, at later and later moments, whatever it answers', () => {
  const code = fc.constantFrom(null, 'insufficient_funds', 'lost_card', 'anything')
  fc.assert(
    fc.property(fc.array(code, { minLength: 10, maxLength: 10 }), (codes) => {
      let atMs: number | undefined = 0
      let failures = 0
      for (const declineCode of codes) {
        if (atMs === undefined) break
        failures += 1
        const next = nextTryMs({ failures, declineCode, atMs })
        if (next !== undefined) expect(next).toBeGreaterThan(atMs)
        atMs = next
      }
      expect(failures).toBeLessThanOrEqual(5)
      if (atMs !== undefined) expect(atMs).toBeLessThanOrEqual(21 * dayMs)
    }),
  )
})

test('grace runs from the due date, or from now where that is later', () => {
  expect(graceEndMs(0, 14 * dayMs, 7)).toBe(21 * dayMs)
  expect(graceEndMs(20 * dayMs, 14 * dayMs, 7)).toBe(27 * dayMs)
  expect(graceEndMs(5, 5, 0)).toBe(5)
})
