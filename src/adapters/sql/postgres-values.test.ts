import { expect, test } from 'vitest'
import { instant, storedInstant } from './postgres-values.ts'

test.each([
  ['2026-01-31 10:00:00+00', '2026-01-31T10:00:00.000Z'],
  ['2026-01-31 10:00:00.12+00', '2026-01-31T10:00:00.120Z'],
  ['9999-12-31 23:59:59.999+00', '9999-12-31T23:59:59.999Z'],
  ['0001-01-01 00:00:00+00 BC', '0000-01-01T00:00:00.000Z'],
])('the instant %s is read as %s', (stored, iso) => {
  expect(instant(stored)).toBe(iso)
})

test('an instant in another zone than the session’s is an error, not another time', () => {
  expect(() => instant('2026-01-31 10:00:00+09')).toThrow(/10:00:00\+09/)
})

test('the year 0 is stored as the year before the first', () => {
  expect(storedInstant('0000-02-29T00:00:00.000Z')).toBe('0001-02-29T00:00:00.000Z BC')
  expect(storedInstant('2026-01-31T10:00:00.000Z')).toBe('2026-01-31T10:00:00.000Z')
})
