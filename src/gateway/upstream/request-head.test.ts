import { describe, expect, it } from 'vitest'
import { requestHead } from './request-head.ts'
import type { UpstreamRequest } from './types.ts'

const plain: UpstreamRequest = {
  method: 'GET',
  target: '/a?b=c',
  headers: 'Host: x\r\n',
  body: 'none',
  timeoutMs: 1000,
}

describe('a request head', () => {
  it.each([
    ['no body', 'none', 'GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a known length', 5, 'GET /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n'],
    ['chunks', 'chunked', 'GET /a?b=c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ] as const)('is framed for %s', (_, body, text) => {
    expect(requestHead({ ...plain, body })).toBe(text)
  })

  it.each([
    ['a line break in the target', { target: '/a\r\nX-Evil: 1' }],
    ['a bare line feed in the target', { target: '/a\nb' }],
    ['a space in the target', { target: '/a HTTP/1.1' }],
    ['a NUL in the target', { target: '/a\0' }],
    ['a character that latin1 would turn into a line feed in the target', { target: '/\u010a' }],
    ['an empty target', { target: '' }],
    ['a line break in the method', { method: 'GET / HTTP/1.1\r\nX: ' }],
    ['an empty method', { method: '' }],
    ['an empty line in the headers', { headers: 'Host: x\r\n\r\nGET /evil HTTP/1.1\r\n' }],
    ['headers that begin with an empty line', { headers: '\r\nHost: x\r\n' }],
    ['headers that end with an empty line', { headers: 'Host: x\r\n\r\n' }],
    ['a last line without end', { headers: 'Host: x' }],
    ['a bare line feed in the headers', { headers: 'Host: x\nX-Evil: 1\r\n' }],
    ['a bare carriage return in the headers', { headers: 'Host: x\rX-Evil: 1\r\n' }],
    ['a NUL in the headers', { headers: 'Host: x\0\r\n' }],
    [
      'a character that latin1 would turn into a line feed in the headers',
      { headers: 'Host: x\u010aX-Evil: 1\r\n' },
    ],
    ['a negative length', { body: -1 }],
    ['a length that is no whole number', { body: 1.5 }],
  ])('with %s is refused', (_, change) => {
    expect(() => requestHead({ ...plain, ...change })).toThrow(RangeError)
  })
})
