import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationBelow, durationStep } from './duration-steps.ts'

const counted = (durations: readonly number[]) => {
  const counts = new Map<number, number>()
  for (const ms of durations) counts.set(durationStep(ms), (counts.get(durationStep(ms)) ?? 0) + 1)
  return counts
}

test('what is read back lies in the step of the true duration, for any durations and any share', () => {
  const durations = fc.array(fc.nat(60_000), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (taken, share) => {
      const sorted = [...taken].sort((a, b) => a - b)
      const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
      const found = durationBelow(counted(taken), share) ?? Number.NaN
      expect(durationStep(found)).toBe(durationStep(exact))
    }),
  )
})

test('a larger share never took less time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(90_000), { minLength: 1, maxLength: 100 }), (taken) => {
      const counts = counted(taken)
      const [half = 0, most = 0, nearlyAll = 0] = [0.5, 0.95, 0.99].map((share) =>
        durationBelow(counts, share),
      )
      expect(half <= most && most <= nearlyAll).toBe(true)
    }),
  )
})

test('without a request there is nothing to tell, and what took longer than a minute says a minute', () => {
  expect(durationBelow(new Map(), 0.5)).toBeUndefined()
  expect(durationBelow(counted([100_000]), 0.5)).toBe(60_000)
})
