import { describe, expect, it } from 'vitest'
import { type FailedAttempt, mayRetry } from './retry.ts'

const plain: FailedAttempt = {
  method: 'GET',
  hasBody: false,
  isBodyTaken: false,
  failure: 'reset',
  isSent: true,
}

describe('a request is sent once more', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('when it is a %s', (method) => {
    expect(mayRetry({ ...plain, method }, false)).toBe(true)
    expect(mayRetry({ ...plain, method, failure: 'connect', isSent: false }, false)).toBe(true)
  })

  it.each(['POST', 'PATCH', 'CONNECT', 'get', 'PURGE'])('but not when it is a %s', (method) => {
    expect(mayRetry({ ...plain, method }, true)).toBe(false)
    expect(mayRetry({ ...plain, method, failure: 'connect', isSent: false }, true)).toBe(false)
  })

  it('with a body as long as nothing was sent and nothing of it was taken', () => {
    const put = { ...plain, method: 'PUT', hasBody: true, failure: 'connect', isSent: false }
    expect(mayRetry(put, false)).toBe(true)
    expect(mayRetry({ ...put, isBodyTaken: true }, false)).toBe(false)
    expect(mayRetry({ ...put, failure: 'reset', isSent: true }, false)).toBe(false)
  })

  it('after a timeout only where that is wanted', () => {
    for (const isSent of [true, false]) {
      expect(mayRetry({ ...plain, failure: 'timeout', isSent }, false)).toBe(false)
      expect(mayRetry({ ...plain, failure: 'timeout', isSent }, true)).toBe(true)
    }
  })

  it.each(['protocol', 'busy', 'open'])('never after %s', (failure) => {
    expect(mayRetry({ ...plain, failure }, true)).toBe(false)
  })
})
