import { expect, test } from 'vitest'
import { hint } from './suggest.ts'

test('a mistyped word gets the word that it resembles, any other all that there are', () => {
  expect(hint('nmae', ['name', 'size'])).toBe(' (did you mean "name"?)')
  expect(hint('whatever', ['name', 'size'])).toBe(' (known: name, size)')
})

test('a word longer than 64 characters gets no hint, and is compared with nothing', () => {
  const known = ['x'.repeat(64)]
  expect(hint('x'.repeat(64), known)).toContain('did you mean')
  expect(hint('x'.repeat(65), known)).toBe('')
})
