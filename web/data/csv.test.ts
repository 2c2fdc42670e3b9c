import { expect, test } from 'vitest'
import { csvOf } from './csv.ts'

test('a cell with a comma, a quote or a line break stays one cell', () => {
  expect(csvOf(['a', 'b'], [{ a: 'x,"y"', b: 'one\ntwo' }])).toBe('a,b\r\n"x,""y""","one\ntwo"')
})

test('a text that a spreadsheet would carry out is kept a text, and a negative number stays a number', () => {
  expect(csvOf(['a', 'b'], [{ a: '=HYPERLINK("x")', b: -5 }])).toBe('a,b\r\n"\'=HYPERLINK(""x"")",-5')
})

test('what is not there is an empty cell', () => {
  expect(csvOf(['a', 'b'], [{ a: null }])).toBe('a,b\r\n,')
})
