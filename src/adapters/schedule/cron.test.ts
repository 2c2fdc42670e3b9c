import { expect, test } from 'vitest'
import { readCron } from './cron.ts'

const after = (rule: string, time: string): string | undefined => {
  const read = readCron(rule)
  if (!read.ok) return undefined
  const next = read.value.after(Date.parse(time))
  return next === undefined ? undefined : new Date(next).toISOString()
}

test('a rule answers the first time after another, in UTC and never that time itself', () => {
  expect(after('0 3 * * *', '2026-11-20T02:59:59.999Z')).toBe('2026-11-20T03:00:00.000Z')
  expect(after('0 3 * * *', '2026-11-20T03:00:00.000Z')).toBe('2026-11-21T03:00:00.000Z')
  expect(after('*/15 9-10 * * 1', '2026-11-20T12:00:00Z')).toBe('2026-11-23T09:00:00.000Z')
  expect(after('0 0 29 2 *', '2026-11-20T12:00:00Z')).toBe('2028-02-29T00:00:00.000Z')
})

test('what is no rule, has seconds or never comes is refused with its field', () => {
  for (const rule of [
    '',
    'daily',
    '@daily',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '0 0 31 2 *',
    'x '.repeat(200),
  ])
    expect(readCron(rule), rule).toMatchObject({ ok: false, details: { field: 'schedule' } })
})
