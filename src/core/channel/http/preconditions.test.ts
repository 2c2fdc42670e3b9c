import { expect, test } from 'vitest'
import { accept } from '#contract/outcome.ts'
import { isNotModified, requiredTag } from './preconditions.ts'

test('If-None-Match compares weakly, over lists, and * matches whatever is there', () => {
  expect(isNotModified(null, '"a"')).toBe(false)
  expect(isNotModified('"a"', '"a"')).toBe(true)
  expect(isNotModified('W/"a"', '"a"')).toBe(true)
  expect(isNotModified('"x", "a"', '"a"')).toBe(true)
  expect(isNotModified('*', '"a"')).toBe(true)
  expect(isNotModified('"b"', '"a"')).toBe(false)
  expect(isNotModified('a', '"a"')).toBe(false)
})

const current = async () => accept('"a"')
const unread = async () => {
  throw new Error('read without need')
}

test('If-Match asks for one version; nothing and * ask for none', async () => {
  expect(await requiredTag(null, unread)).toEqual(accept(undefined))
  expect(await requiredTag('*', unread)).toEqual(accept(undefined))
  expect(await requiredTag('"b"', unread)).toEqual(accept('"b"'))
})

test('a weak or malformed tag can never be what a write asks for', async () => {
  expect(await requiredTag('W/"a"', unread)).toEqual(accept('W/"a"'))
  expect(await requiredTag('a', unread)).toEqual(accept('a'))
})

test('of several tags the current one counts, and without it the write is refused', async () => {
  expect(await requiredTag('"x", "a"', current)).toEqual(accept('"a"'))
  expect(await requiredTag('"x", W/"a"', current)).toMatchObject({ ok: false, code: 'precondition_failed' })
})
