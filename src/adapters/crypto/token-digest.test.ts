import { expect, test } from 'vitest'
import { createTokenDigest } from './token-digest.ts'

test('a digest is HMAC-SHA-256 as in test case 1 of RFC 4231, and names its format', () => {
  const { digest } = createTokenDigest(Buffer.alloc(20, 0xaa))
  expect(digest('token')).toMatch(/^hmac-sha256:v1:[0-9a-f]{64}$/)
  const rfc = createTokenDigest(Buffer.alloc(20, 0x0b)).digest('Hi There')
  expect(rfc).toBe('hmac-sha256:v1:b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7')
})

test('the same token has one digest under one pepper, and another under another', () => {
  const first = createTokenDigest(Buffer.alloc(32, 1))
  expect(first.digest('a')).toBe(first.digest('a'))
  expect(first.digest('a')).not.toBe(first.digest('b'))
  expect(createTokenDigest(Buffer.alloc(32, 2)).digest('a')).not.toBe(first.digest('a'))
})

test('a pepper that could be guessed is refused', () => {
  expect(() => createTokenDigest(Buffer.from('short'))).toThrow(/at least 16 bytes/)
})
