import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** A provider of a cache under test, with hands on its time. */
export interface CacheSubject {
  readonly capabilities: Capabilities
  /** Lets time pass for the cache. */
  pass(ms: number): Promise<void>
}

/** What every provider of `cache` guarantees. */
export function cacheConformance(provider: string, open: () => Promise<CacheSubject>): void {
  const opened = async () => {
    const { capabilities, pass } = await open()
    return { cache: capabilities.capability('cache'), pass }
  }
  const value = (given: unknown) => ({ ok: true, value: given })

  describe(`cache by ${provider}`, () => {
    it('gives back what was set, byte for byte, and nothing that was not', async () => {
      const { cache } = await opened()
      const text = 'ünïcode 🎈 \n "quoted" {"json":true}'
      expect(await cache.set({ key: 'a:b/c d', value: text })).toEqual(value({ stored: true }))
      expect(await cache.get({ key: 'a:b/c d' })).toEqual(value({ found: true, value: text }))
      expect(await cache.get({ key: 'a:b/c' })).toEqual(value({ found: false }))
      expect(await cache.set({ key: 'empty', value: '' })).toEqual(value({ stored: true }))
      expect(await cache.get({ key: 'empty' })).toEqual(value({ found: true, value: '' }))
    })

    it('replaces, and forgets what is deleted', async () => {
      const { cache } = await opened()
      await cache.set({ key: 'k', value: '1' })
      await cache.set({ key: 'k', value: '2' })
      expect(await cache.get({ key: 'k' })).toEqual(value({ found: true, value: '2' }))
      expect(await cache.delete({ key: 'k' })).toEqual(value({ deleted: true }))
      expect(await cache.delete({ key: 'k' })).toEqual(value({ deleted: false }))
      expect(await cache.get({ key: 'k' })).toEqual(value({ found: false }))
    })

    it('forgets an entry when its time is over and not before; setting it again starts anew', async () => {
      const { cache, pass } = await opened()
      await cache.set({ key: 'k', value: 'v', ttl_ms: 400 })
      await cache.set({ key: 'for ever', value: 'v' })
      await pass(200)
      expect(await cache.get({ key: 'k' })).toEqual(value({ found: true, value: 'v' }))
      await pass(400)
      expect(await cache.get({ key: 'k' })).toEqual(value({ found: false }))
      expect(await cache.get({ key: 'for ever' })).toEqual(value({ found: true, value: 'v' }))
      await cache.set({ key: 'k', value: 'w', ttl_ms: 400 })
      await cache.set({ key: 'k', value: 'x' })
      await pass(500)
      expect(await cache.get({ key: 'k' })).toEqual(value({ found: true, value: 'x' }))
    })

    it('lets one of many set what is absent', async () => {
      const { cache, pass } = await opened()
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_claim, index) =>
          cache.set({ key: 'lock', value: String(index), ttl_ms: 400, only_if_absent: true }),
        ),
      )
      expect(claims.filter((claim) => claim.ok && claim.value.stored)).toHaveLength(1)
      await pass(500)
      expect(await cache.set({ key: 'lock', value: 'x', only_if_absent: true })).toEqual(
        value({ stored: true }),
      )
    })

    it('loses no count when many count at once, and counts from the first use of a key until its time', async () => {
      const { cache, pass } = await opened()
      await Promise.all(Array.from({ length: 50 }, () => cache.increment({ key: 'n', by: 2, ttl_ms: 1_000 })))
      expect(await cache.increment({ key: 'n', by: -1 })).toEqual(value({ value: 99 }))
      expect(await cache.get({ key: 'n' })).toEqual(value({ found: true, value: '99' }))
      await pass(1_200)
      expect(await cache.increment({ key: 'n' })).toEqual(value({ value: 1 }))
      await cache.set({ key: 'text', value: 'no number' })
      expect(await cache.increment({ key: 'text' })).toMatchObject({ ok: false, code: 'conflict' })
    })

    it('refuses keys and values that no cache takes', async () => {
      const { cache } = await opened()
      expect(await cache.get({ key: '' })).toMatchObject({ ok: false, details: { field: 'key' } })
      expect(await cache.set({ key: 'k'.repeat(513), value: '' })).toMatchObject({
        ok: false,
        details: { field: 'key' },
      })
      expect(await cache.set({ key: 'k', value: 'v', ttl_ms: 0 })).toMatchObject({
        ok: false,
        details: { field: 'ttl_ms' },
      })
    })
  })
}
