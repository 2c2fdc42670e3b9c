import { describe, expect, it } from 'vitest'
import type { Outcome } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'

const value = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value
}
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64')

/** What every provider of `storage` promises. */
export function storageConformance(name: string, open: () => Promise<Capabilities>): void {
  const start = async () => {
    const storage = (await open()).capability('storage')
    const put = async (key: string, text = key) => value(await storage.put({ key, content: base64(text) }))
    const list = async (query: Parameters<typeof storage.list>[0] = {}) => {
      const { files, has_more } = value(await storage.list(query))
      return { files: files as { key: string; size: number }[], has_more }
    }
    const keys = async (query: Parameters<typeof storage.list>[0] = {}) =>
      (await list(query)).files.map(({ key }) => key)
    return { storage, put, list, keys }
  }

  describe(`the storage provider ${name}`, () => {
    it('gives back every byte, the type and the size', async () => {
      const { storage } = await start()
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) % 256)
      const content = base64(bytes)
      const put = value(await storage.put({ key: 'a/b.bin', content, content_type: 'image/x; v="1"' }))
      expect(put).toMatchObject({ key: 'a/b.bin', size: 70_000 })
      expect(value(await storage.get({ key: 'a/b.bin' }))).toEqual({
        found: true,
        content,
        content_type: 'image/x; v="1"',
        size: 70_000,
      })
    })

    it('keeps an empty file, and says of a plain one that it is any bytes', async () => {
      const { storage } = await start()
      expect(value(await storage.put({ key: 'empty', content: '' })).size).toBe(0)
      expect(value(await storage.get({ key: 'empty' }))).toMatchObject({
        found: true,
        content: '',
        content_type: 'application/octet-stream',
      })
    })

    it('knows nothing of what is not there, and nothing any more of what was deleted', async () => {
      const { storage, put, keys } = await start()
      expect(value(await storage.get({ key: 'a' }))).toEqual({ found: false })
      expect(value(await storage.delete({ key: 'a' }))).toEqual({ deleted: false })
      await put('a/b/c')
      expect(value(await storage.get({ key: 'a' }))).toEqual({ found: false })
      expect(value(await storage.get({ key: 'a/b' }))).toEqual({ found: false })
      expect(value(await storage.delete({ key: 'a/b' }))).toEqual({ deleted: false })
      expect(value(await storage.delete({ key: 'a/b/c' }))).toEqual({ deleted: true })
      expect(value(await storage.get({ key: 'a/b/c' }))).toEqual({ found: false })
      expect(await keys()).toEqual([])
    })

    it('replaces content and type together', async () => {
      const { storage, put } = await start()
      await put('a', 'long and old')
      value(await storage.put({ key: 'a', content: base64('new'), content_type: 'text/plain' }))
      expect(value(await storage.get({ key: 'a' }))).toMatchObject({
        content: base64('new'),
        content_type: 'text/plain',
        size: 3,
      })
    })

    it('has a file and files below its name beside each other', async () => {
      const { storage, put, keys } = await start()
      for (const key of ['a', 'a/b', 'a/b/c']) await put(key)
      expect(await keys()).toEqual(['a', 'a/b', 'a/b/c'])
      value(await storage.delete({ key: 'a/b' }))
      expect(await keys()).toEqual(['a', 'a/b/c'])
    })

    it('lists by the bytes of keys, by prefix, and page by page without a gap or a double', async () => {
      const { put, list, keys } = await start()
      const all = ['B', '_x', 'a', 'a-b', 'a.b', 'a/b', 'a/b-c', 'a/b/c', 'a0', 'ab', 'b/a', 'z']
      for (const key of all.toReversed()) await put(key)
      const sorted = all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await keys()).toEqual(sorted)
      for (const prefix of ['a', 'a/', 'a/b', 'a/b/', 'b', 'nothing'])
        expect(await keys({ prefix }), prefix).toEqual(sorted.filter((key) => key.startsWith(prefix)))
      for (const limit of [1, 2, 5, 11]) {
        const seen: string[] = []
        for (;;) {
          const after = seen.at(-1)
          const page = await list({ limit, ...(after === undefined ? {} : { after }) })
          seen.push(...page.files.map(({ key }) => key))
          if (!page.has_more) break
        }
        expect(seen, String(limit)).toEqual(sorted)
      }
      expect((await list({ prefix: 'a/b' })).files).toEqual([
        { key: 'a/b', size: 3 },
        { key: 'a/b-c', size: 5 },
        { key: 'a/b/c', size: 5 },
      ])
    })

    it('takes no key that climbs, begins at a root, hides or breaks a line', async () => {
      const { storage, keys } = await start()
      const wrong = [
        '',
        '/a',
        '../a',
        'a/../b',
        'a/./b',
        'a//b',
        'a/',
        '.a',
        'a\0b',
        'a\nb',
        'a\\b',
        'ä',
        'a=',
        '~',
      ]
      for (const key of [...wrong, 'x'.repeat(201), 'x/'.repeat(300)]) {
        const refused = { ok: false, code: 'validation_error', details: { field: 'key' } }
        expect(await storage.put({ key, content: base64('x') }), key).toMatchObject(refused)
        expect(await storage.get({ key }), key).toMatchObject(refused)
        expect(await storage.delete({ key }), key).toMatchObject(refused)
      }
      const header = { key: 'a', content: '', content_type: 'text/plain\r\nx: y' }
      expect(await storage.put(header)).toMatchObject({ ok: false, code: 'validation_error' })
      expect(await keys()).toEqual([])
    })

    it('has one of the two whole when two write the same key at once', async () => {
      const { storage, put } = await start()
      await Promise.all(Array.from({ length: 10 }, (_, n) => put('a/b', String(n).repeat(50_000))))
      const got = value(await storage.get({ key: 'a/b' }))
      const text = Buffer.from(got.content ?? '', 'base64').toString()
      expect(text).toBe((text[0] ?? '').repeat(50_000))
    })

    it('loses nothing when files of one folder come and go at once', async () => {
      const { storage, put, keys } = await start()
      const come = Array.from({ length: 10 }, (_, n) => put(`f/g/${n}`))
      const go = Array.from({ length: 10 }, async (_, n) => {
        await put(`f/h/${n}`)
        return storage.delete({ key: `f/h/${n}` })
      })
      await Promise.all([...come, ...go])
      expect(await keys({ prefix: 'f/' })).toEqual(Array.from({ length: 10 }, (_, n) => `f/g/${n}`))
    })
  })
}
