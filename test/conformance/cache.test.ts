import { expect, it } from 'vitest'
import { providerHouse } from '#test/support/provider-house.ts'
import { cacheConformance } from './cache.ts'

cacheConformance('memory', async () => {
  const { house, clock } = await providerHouse()
  return { capabilities: house.providers.capabilities, pass: async (ms) => clock.advance(ms) }
})

it('memory stays below its bounds and gives up what was not used for the longest time', async () => {
  const opened = await providerHouse()
  await opened.create('cache_memory', { name: 'small', most_entries: 3, most_bytes: 1_024 })
  const cache = opened.house.providers.capabilities.capability('cache')
  for (const key of ['a', 'b', 'c']) await cache.set({ key, value: key })
  await cache.get({ key: 'a' })
  await cache.set({ key: 'd', value: 'd' })
  const kept = async (keys: string) =>
    (await Promise.all([...keys].map((key) => cache.get({ key })))).map((one) => one.ok && one.value.found)
  expect(await kept('abcd')).toEqual([true, false, true, true])
  await cache.set({ key: 'e', value: 'x'.repeat(400) })
  expect(await kept('acde')).toEqual([false, true, true, true])
  expect(await cache.set({ key: 'f', value: 'x'.repeat(600) })).toMatchObject({ value: { stored: false } })
  expect(await kept('def')).toEqual([true, true, false])
})
