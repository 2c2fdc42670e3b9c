import { expect, test } from 'vitest'
import { type Pace, reachedAtMs, unitsAtEnd } from './forecast.ts'

const day = 86_400_000
const nowMs = Date.UTC(2026, 10, 21)
const pace: Pace = {
  units: 2_000,
  recentUnits: 700,
  sinceMs: nowMs - 7 * day,
  nowMs,
  endMs: nowMs + 10 * day,
}

test('a month ends with what it has and the pace of the last week for the days that are left', () => {
  expect(unitsAtEnd(pace)).toBe(3_000)
  expect(unitsAtEnd({ ...pace, recentUnits: 0 })).toBe(2_000)
  expect(unitsAtEnd({ ...pace, endMs: nowMs })).toBe(2_000)
})

test('a busy first hour is not taken for the pace of a month', () => {
  expect(unitsAtEnd({ ...pace, units: 100, recentUnits: 100, sinceMs: nowMs - day / 24 })).toBe(1_100)
})

test('what is included is used up on the day that the pace leads to, or not in this month at all', () => {
  expect(reachedAtMs(pace, 2_500)).toBe(nowMs + 5 * day)
  expect(reachedAtMs(pace, 3_001)).toBeUndefined()
  expect(reachedAtMs(pace, 2_000)).toBeUndefined()
  expect(reachedAtMs({ ...pace, recentUnits: 0 }, 2_500)).toBeUndefined()
})
