import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { storageConformance } from './storage.ts'

storageConformance('memory', async () => {
  const { house } = await providerHouse({ env: { STORAGE_PROVIDER: 'memory' } })
  return house.providers.capabilities
})

storageConformance('disk', async () => {
  const { house } = await providerHouse({ env: { STORAGE_PROVIDER: 'disk' } })
  return house.providers.capabilities
})

const content = Buffer.from('secret').toString('base64')

it('disk keeps its files in STORAGE_PATH, for its owner alone, and in the data directory without it', async () => {
  const path = join(temporaryFolder(), 'not', 'there', 'yet')
  const named = await providerHouse({ env: { STORAGE_PATH: path } })
  await named.house.providers.capabilities.capability('storage').put({ key: 'a/b', content })
  expect(readdirSync(join(path, 'a='))).toEqual(['b'])
  const usual = await providerHouse()
  await usual.house.providers.capabilities.capability('storage').put({ key: 'c', content })
  expect(readdirSync(join(usual.dataDirectory, 'storage')).sort()).toEqual(['=writing', 'c'])
})

it('disk does not follow links that lead out of its folder, neither reading nor writing nor listing', async () => {
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'passwords'), '{"content_type":"text/plain"}\nhunter2')
  const path = temporaryFolder()
  const { house } = await providerHouse({ env: { STORAGE_PATH: path } })
  const storage = house.providers.capabilities.capability('storage')
  symlinkSync(join(outside, 'passwords'), join(path, 'file'))
  symlinkSync(outside, join(path, 'folder='))
  expect(await storage.get({ key: 'file' })).toMatchObject({ value: { found: false } })
  expect(await storage.get({ key: 'folder/passwords' })).toMatchObject({ ok: false })
  expect(await storage.put({ key: 'folder/new', content })).toMatchObject({ ok: false })
  expect(await storage.delete({ key: 'folder/passwords' })).toMatchObject({ ok: false })
  expect(await storage.list({})).toMatchObject({ value: { files: [] } })
  expect(await storage.put({ key: 'file', content })).toMatchObject({ ok: true })
  expect(readdirSync(outside)).toEqual(['passwords'])
  expect(readFileSync(join(outside, 'passwords'), 'utf8')).toContain('hunter2')
})

it('disk forgets what an unfinished write of an ended process has left, and not what is being written', async () => {
  const path = temporaryFolder()
  mkdirSync(join(path, '=writing'))
  for (const name of ['old', 'new']) writeFileSync(join(path, '=writing', name), 'half')
  utimesSync(join(path, '=writing', 'old'), 0, 0)
  const { house } = await providerHouse({ env: { STORAGE_PATH: path } })
  expect(await house.providers.capabilities.capability('storage').list({})).toMatchObject({
    value: { files: [] },
  })
  expect(readdirSync(join(path, '=writing'))).toEqual(['new'])
})

it('both refuse what is too large and keep what was there', async () => {
  const { house, create } = await providerHouse({ env: { STORAGE_PROVIDER: 'disk' } })
  await create('storage_disk', { name: 'disk', most_bytes: 6 })
  await create('storage_memory', { name: 'memory', most_bytes: 6 })
  for (const provider of ['disk', 'memory']) {
    const storage = house.providers.capabilities.capability('storage', { provider })
    expect(await storage.put({ key: 'a', content })).toMatchObject({ ok: true })
    const large = Buffer.from('1234567').toString('base64')
    expect(await storage.put({ key: 'a', content: large })).toMatchObject({ code: 'payload_too_large' })
    expect(await storage.get({ key: 'a' })).toMatchObject({ value: { content } })
  }
})
