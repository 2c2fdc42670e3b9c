import { expect, test } from 'vitest'
import { majorText, minorOf } from './minor-units.ts'

test('an amount that is typed is kept to the cent, in every currency', () => {
  expect(minorOf('49.90', 'USD')).toBe(4990)
  expect(minorOf('49,9', 'EUR')).toBe(4990)
  expect(minorOf('1.1', 'USD')).toBe(110)
  expect(minorOf('50', 'JPY')).toBe(50)
  expect(minorOf('0.007', 'TND')).toBe(7)
})

test('what is no amount is none, and nothing typed is no cap', () => {
  for (const typed of ['much', '-5', '1.234', '1,000.00', '1e3'])
    expect(minorOf(typed, 'USD')).toBeUndefined()
  expect(minorOf('0.5', 'JPY')).toBeUndefined()
  expect(minorOf(' ', 'USD')).toBeNull()
})

test('a cap stands in its field as it was typed', () => {
  expect(majorText(4990, 'USD')).toBe('49.90')
  expect(majorText(5, 'USD')).toBe('0.05')
  expect(majorText(50, 'JPY')).toBe('50')
})
