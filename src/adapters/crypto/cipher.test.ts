import { expect, test } from 'vitest'
import { createCipher } from './cipher.ts'

const cipher = createCipher(Buffer.alloc(32, 1))
const context = 'upstream.auth.ups_1'

test('a secret comes back as it was, also empty and beyond ASCII', () => {
  for (const text of ['', 'hush', 'schlüssel 🔑'])
    expect(cipher.open(cipher.seal(text, context), context)).toBe(text)
})

test('the sealed text names its format, hides the secret and is never the same twice', () => {
  const sealed = cipher.seal('hush', context)
  expect(sealed).toMatch(/^aes-256-gcm:v2:[0-9a-f]{8}:[A-Za-z0-9_-]+$/)
  expect(Buffer.from(sealed.slice(24), 'base64url').includes('hush')).toBe(false)
  expect(cipher.seal('hush', context)).not.toBe(sealed)
})

test('a secret cannot be opened in the place of another, with another key, or after a change of one bit', () => {
  const sealed = cipher.seal('hush', context)
  const data = Buffer.from(sealed.slice(24), 'base64url')
  data[data.length - 1] = (data.at(-1) ?? 0) ^ 1
  expect(() => cipher.open(sealed, 'upstream.auth.ups_2')).toThrow(/altered or encrypted with another key/)
  expect(() => createCipher(Buffer.alloc(32, 2)).open(sealed, context)).toThrow(/another key/)
  expect(() => cipher.open(`${sealed.slice(0, 24)}${data.toString('base64url')}`, context)).toThrow(/altered/)
})

test('text that was never sealed and keys of a wrong length are refused', () => {
  expect(() => cipher.open('hush', context)).toThrow(/not in the format/)
  expect(() => cipher.open('aes-256-gcm:v1:AAAA', context)).toThrow(/not in the format/)
  expect(() => createCipher(Buffer.alloc(16))).toThrow(/32 bytes/)
})

test('texts of a former key are read as long as it is in the ring, and new ones are sealed with the first', () => {
  const [old, next] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  let keys: readonly Uint8Array[] = [old]
  const turning = createCipher(() => keys)
  const before = turning.seal('hush', context)
  keys = [next, old]
  const after = turning.seal('hush', context)
  expect([before, after].map((sealed) => turning.open(sealed, context))).toEqual(['hush', 'hush'])
  expect([before, after].map((sealed) => sealed.startsWith(turning.activePrefix()))).toEqual([false, true])
  keys = [next]
  expect(turning.open(after, context)).toBe('hush')
  expect(() => turning.open(before, context)).toThrow(/another key/)
})

test('what was sealed before keys had names can still be read', () => {
  const sealed = cipher.seal('hush', context)
  expect(cipher.open(`aes-256-gcm:v1:${sealed.slice(24)}`, context)).toBe('hush')
})
