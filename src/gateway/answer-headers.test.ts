import { expect, it } from 'vitest'
import { passedLines } from './answer-headers.ts'

it('what an upstream says goes on, except what only the gateway says', () => {
  expect(
    passedLines(['Content-Type', 'a/b', 'X-Request-ID', 'theirs', 'RateLimit', 'x', 'Set-Cookie', '']),
  ).toEqual({ lines: 'Content-Type: a/b\r\nSet-Cookie: \r\n', hasDate: false })
  expect(passedLines(['date', 'then'])).toEqual({ lines: 'date: then\r\n', hasDate: true })
  expect(passedLines([])).toEqual({ lines: '', hasDate: false })
})

it.each(['a\r\nSet-Cookie: evil', 'a\nb', 'a\rb', '\n', 'a\r\n', 'a\r\n\r\n<html>'])(
  'no value can become another line: %j',
  (value) => {
    expect(passedLines(['X-A', value])).toBeUndefined()
    expect(passedLines(['X-A', 'fine', 'X-B', value, 'X-C', 'fine'])).toBeUndefined()
    expect(passedLines([`X-A${value}`, 'fine'])).toBeUndefined()
  },
)
