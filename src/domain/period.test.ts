import { expect, it } from 'vitest'
import { dayStart, hourStart, minuteStart, monthOf, parseMonth } from './period.ts'

const at = (text: string): number => Date.parse(text)

it.each([
  ['2026-01-31T23:59:59.999Z', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
  ['2026-12-31T12:00:00.000Z', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['2028-02-29T00:00:00.000Z', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z'],
  ['2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'],
])('%s falls in the month from %s to %s', (moment, start, end) => {
  expect(monthOf(at(moment))).toEqual({ start: at(start), end: at(end), label: start.slice(0, 7) })
})

it('starts minutes, hours and days in UTC', () => {
  const moment = at('2026-11-20T23:59:59.999Z')
  expect(minuteStart(moment)).toBe(at('2026-11-20T23:59:00Z'))
  expect(hourStart(moment)).toBe(at('2026-11-20T23:00:00Z'))
  expect(dayStart(moment)).toBe(at('2026-11-20T00:00:00Z'))
})

it('takes only real months', () => {
  expect(parseMonth('2026-02')?.end).toBe(at('2026-03-01T00:00:00Z'))
  for (const text of ['2026-13', '2026-00', '2026-1', '26-01', '2026-01-01'])
    expect(parseMonth(text)).toBeUndefined()
})
