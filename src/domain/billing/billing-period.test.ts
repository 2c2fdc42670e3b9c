import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Anchor, feeFrom, periodAt, periodsBetween } from './billing-period.ts'

const month: Anchor = { kind: 'calendar_month' }
const from = (day: string): Anchor => ({ kind: 'start_day', startedMs: Date.parse(day) })
const noon = '2026-11-20T12:00:00Z'
const moved = (before: Anchor, at: string, to: 'month' | 'day'): Anchor => {
  const since = { atMs: Date.parse(at), before }
  return to === 'month' ? { ...month, since } : { kind: 'start_day', startedMs: since.atMs, since }
}
const days = (anchor: Anchor, at: string) => {
  const { startMs, endMs } = periodAt(anchor, Date.parse(at))
  return [startMs, endMs].map((time) => new Date(time).toISOString().slice(0, 10))
}

describe('a period', () => {
  test.each<[string, Anchor, string, string, string]>([
    ['a month', month, '2026-11-21T06:00:00Z', '2026-11-01', '2026-12-01'],
    ['its first moment', month, '2026-11-01T00:00:00Z', '2026-11-01', '2026-12-01'],
    ['its last moment', month, '2026-11-30T23:59:59.999Z', '2026-11-01', '2026-12-01'],
    ['a December', month, '2026-12-31T23:59:59Z', '2026-12-01', '2027-01-01'],
    ['a leap February', month, '2028-02-29T12:00:00Z', '2028-02-01', '2028-03-01'],
    ['a middle day', from('2026-03-15T10:00:00Z'), '2026-04-14T23:59:59Z', '2026-03-15', '2026-04-15'],
    ['a boundary', from('2026-03-15T10:00:00Z'), '2026-04-15T00:00:00Z', '2026-04-15', '2026-05-15'],
    ['the 31st in April', from('2026-01-31'), '2026-04-30T00:00:00Z', '2026-04-30', '2026-05-31'],
    ['the 31st before April ends', from('2026-01-31'), '2026-04-29T23:00:00Z', '2026-03-31', '2026-04-30'],
    ['the 31st in February', from('2026-01-31'), '2026-02-28T00:00:00Z', '2026-02-28', '2026-03-31'],
    ['the 31st in a leap February', from('2028-01-31'), '2028-02-29T01:00:00Z', '2028-02-29', '2028-03-31'],
    ['the 30th in a leap February', from('2028-01-30'), '2028-02-28T01:00:00Z', '2028-01-30', '2028-02-29'],
    ['the leap day in a common year', from('2028-02-29'), '2029-02-28T00:00:00Z', '2029-02-28', '2029-03-29'],
    ['the leap day four years on', from('2028-02-29'), '2032-02-29T00:00:00Z', '2032-02-29', '2032-03-29'],
    ['a start day over the year', from('2026-01-20'), '2027-01-02T00:00:00Z', '2026-12-20', '2027-01-20'],
    ['2100, which has no leap day', from('2099-12-31'), '2100-02-28T00:00:00Z', '2100-02-28', '2100-03-31'],
  ])('%s', (_name, anchor, at, start, end) => {
    expect(days(anchor, at)).toEqual([start, end])
  })

  test.each<[string, Anchor, string, string, string]>([
    [
      'the month that was left, to the second',
      moved(month, noon, 'day'),
      '2026-11-20T11:59:59Z',
      '2026-11-01',
      noon,
    ],
    ['the first one of the new day', moved(month, noon, 'day'), noon, noon, '2026-12-20'],
    ['the next one of it', moved(month, noon, 'day'), '2026-12-20T00:00:00Z', '2026-12-20', '2027-01-20'],
    ['a month before it', moved(month, noon, 'day'), '2026-09-20T12:00:00Z', '2026-09-01', '2026-10-01'],
    [
      'the 31st from then on',
      moved(month, '2026-12-31T06:00:00Z', 'day'),
      '2027-02-28T00:00:00Z',
      '2027-02-28',
      '2027-03-31',
    ],
    ['what is left of a month', moved(from('2026-11-05'), noon, 'month'), noon, noon, '2026-12-01'],
    [
      'the whole month after',
      moved(from('2026-11-05'), noon, 'month'),
      '2026-12-01T00:00:00Z',
      '2026-12-01',
      '2027-01-01',
    ],
    [
      'a move at a boundary, before',
      moved(month, '2026-12-01T00:00:00Z', 'day'),
      '2026-11-30T23:59:59Z',
      '2026-11-01',
      '2026-12-01',
    ],
    [
      'a move at a boundary, after',
      moved(month, '2026-12-01T00:00:00Z', 'day'),
      '2026-12-01T00:00:00Z',
      '2026-12-01',
      '2027-01-01',
    ],
  ])('that is moved: %s', (_name, anchor, at, start, end) => {
    const { startMs, endMs } = periodAt(anchor, Date.parse(at))
    expect([startMs, endMs]).toEqual([Date.parse(start), Date.parse(end)])
  })

  test('of a month that is cut short in front has its fee counted from the first of the month; every other one has not', () => {
    const anchor = moved(moved(month, noon, 'day'), '2027-01-20T00:00:00Z', 'month')
    const feeOf = (at: string) => feeFrom(anchor, periodAt(anchor, Date.parse(at)))
    expect(feeOf('2027-01-25T00:00:00Z')).toBe(Date.parse('2027-01-01T00:00:00Z'))
    for (const at of ['2026-11-02T00:00:00Z', noon, '2026-12-25T00:00:00Z', '2027-02-01T00:00:00Z'])
      expect(feeOf(at), at).toBeUndefined()
    expect(feeFrom(month, { startMs: 0 })).toBeUndefined()
  })

  test('joins the next one however often it is moved: no moment is in none and none in two', () => {
    const time = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) })
    fc.assert(
      fc.property(time, time, fc.array(time, { maxLength: 4 }), (startedMs, at, moves) => {
        let anchor: Anchor = { kind: 'start_day', startedMs }
        for (const [index, ms] of [...new Set(moves)].sort((one, other) => one - other).entries())
          anchor = moved(anchor, new Date(ms).toISOString(), index % 2 === 0 ? 'month' : 'day')
        const period = periodAt(anchor, at)
        expect(period.startMs <= at && at < period.endMs).toBe(true)
        expect(periodAt(anchor, period.endMs).startMs).toBe(period.endMs)
        expect(periodAt(anchor, period.startMs - 1).endMs).toBe(period.startMs)
        expect(period.endMs - period.startMs).toBeLessThanOrEqual(31 * 86_400_000)
      }),
    )
  })

  test('holds its moment, and the next one begins where it ends, for every anchor and time', () => {
    const time = fc.integer({ min: Date.UTC(1999, 0), max: Date.UTC(2120, 0) })
    fc.assert(
      fc.property(time, time, fc.boolean(), (startedMs, at, isMonth) => {
        const anchor: Anchor = isMonth ? month : { kind: 'start_day', startedMs }
        const period = periodAt(anchor, at)
        expect(period.startMs <= at && at < period.endMs).toBe(true)
        const next = periodAt(anchor, period.endMs)
        expect(next.startMs).toBe(period.endMs)
        expect(periodAt(anchor, period.endMs - 1)).toEqual(period)
        expect(periodsBetween(anchor, at, period.endMs)).toBe(1)
      }),
    )
  })
})
