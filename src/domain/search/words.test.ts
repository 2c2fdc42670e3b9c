import { expect, test } from 'vitest'
import { meantWord, wordsOf } from './words.ts'

test('case, accents and signs do not keep a word from being found', () => {
  expect(wordsOf('Crème-Brûlée, 2ª ＡＰＩ; ÜBER!')).toEqual(['creme', 'brulee', '2a', 'api', 'uber'])
  expect(wordsOf('"; drop table x; -- * : & | ()')).toEqual(['drop', 'table', 'x'])
  expect(wordsOf('')).toEqual([])
})

test('an endless word and an endless text are bounded', () => {
  expect(wordsOf('a'.repeat(1_000))).toEqual(['a'.repeat(64)])
  expect(wordsOf('a '.repeat(30_000))).toHaveLength(20_000)
})

test('a slip in a word is forgiven, the nearest word is meant, and short words have to be right', () => {
  expect(meantWord('wether', ['leather', 'weather', 'whether'])).toBe('weather')
  expect(meantWord('paymnets', ['payments', 'payment'])).toBe('payments')
  expect(meantWord('api', ['apo'])).toBeUndefined()
  expect(meantWord('forecast', ['broadcast'])).toBeUndefined()
  expect(meantWord('weather', [])).toBeUndefined()
})
