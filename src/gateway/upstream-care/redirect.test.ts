import { describe, expect, it } from 'vitest'
import { redirected } from './redirect.ts'

const from = { host: 'one:1', basePath: '/a' }
const to = { host: 'two:2', basePath: '' }
const request = {
  method: 'GET',
  target: '/a/x?y=/a',
  headers: 'Accept: */*\r\nHost: one:1\r\nX-Note: host: one:1\r\n',
  body: 'none',
  timeoutMs: 1,
} as const

describe('a request for another target', () => {
  it('has that one in its Host and its base path, and nothing else changed', () => {
    expect(redirected(request, from, to)).toEqual({
      ...request,
      target: '/x?y=/a',
      headers: 'Accept: */*\r\nHost: two:2\r\nX-Note: host: one:1\r\n',
    })
  })

  it('keeps a Host that is not the one of the target it was made for', () => {
    const headers = 'Host: public.example\r\n'
    expect(redirected({ ...request, headers }, from, to).headers).toBe(headers)
  })

  it('is the same request when both answer to the same name', () => {
    expect(redirected(request, from, { ...from })).toBe(request)
  })
})
