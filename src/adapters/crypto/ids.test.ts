import { expect, test } from 'vitest'
import { createIds } from './ids.ts'

test('an id is its prefix and 26 characters of Crockford base 32, of which ten are the millisecond', () => {
  const ids = createIds({ now: () => Date.UTC(2026, 0, 1) })
  expect(ids.next('pln')).toMatch(/^pln_01[0-9a-hjkmnp-tv-z]{24}$/)
  expect(ids.next('pln').slice(4, 14)).toBe(ids.next('key').slice(4, 14))
})

test('ids sort in the order they were made, within one millisecond, across them, and when the clock runs back', () => {
  let now = 1_700_000_000_000
  const ids = createIds({ now: () => now })
  const made: string[] = []
  for (const step of [0, 0, 1, 0, -5, 0, 40]) {
    now += step
    for (let count = 0; count < 500; count++) made.push(ids.next('x'))
  }
  expect([...made].sort()).toEqual(made)
  expect(new Set(made).size).toBe(made.length)
})

test('two processes do not make the same ids in the same millisecond', () => {
  const clock = { now: () => 1_700_000_000_000 }
  const first = createIds(clock)
  const second = createIds(clock)
  const made = Array.from({ length: 1000 }, () => [first.next('x'), second.next('x')]).flat()
  expect(new Set(made).size).toBe(2000)
})

test('random hex has two characters a byte', () => {
  expect(createIds({ now: Date.now }).randomHex(32)).toMatch(/^[0-9a-f]{64}$/)
})
