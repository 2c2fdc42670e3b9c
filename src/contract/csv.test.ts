import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('a cell is one cell whatever stands in it, and never a formula', () => {
  expect(csvLine(['a', 1, true, null, undefined, 'b c'])).toBe('a,1,true,,,b c\r\n')
  expect(csvLine(['a,b', 'say "x"', 'two\r\nlines'])).toBe('"a,b","say ""x""","two\r\nlines"\r\n')
  expect(csvLine(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '＝1'])).toBe(
    `"'=1+1","'+cmd","'-2+3","'@SUM(A1)","'\t=1","'＝1"\r\n`,
  )
  expect(csvLine(['-10.00', -5, '12', '-1-1'])).toBe(`-10.00,-5,12,"'-1-1"\r\n`)
})
