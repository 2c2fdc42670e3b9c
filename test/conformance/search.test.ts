import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { searchConformance } from './search.ts'

searchConformance('builtin on SQLite', async () => {
  const { house } = await providerHouse()
  return { capabilities: house.providers.capabilities }
})

searchConformance('builtin on PostgreSQL', async () => {
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  const { house } = await providerHouse({ env: { APIGATE_DATABASE_DSN: url } })
  return { capabilities: house.providers.capabilities }
})

it('builtin finds after a backup was restored what it found before, on either database', async () => {
  const run = promisify(execFile)
  const apigate = resolve(import.meta.dirname, '../../bin/apigate')
  const secrets = {
    APIGATE_ENCRYPTION_KEY: 'b7c1e0a4d9f35826b7c1',
    APIGATE_KEY_PEPPER: 'G5k8NbRuXyA3DgJmPsVw',
  }
  const before = await providerHouse({ env: secrets })
  const document = {
    collection: 'listing',
    document_id: 'l1',
    title: 'Wettervorhersage',
    text: 'Regen in Köln',
  }
  await before.house.providers.capabilities.capability('search').put(document)
  await before.close()
  const file = join(temporaryFolder(), 'all.backup')
  const cli = (words: string[], data: string, more: Record<string, string> = {}) =>
    run(apigate, words, { env: { ...process.env, ...secrets, ...more, APIGATE_DATA_DIR: data } })
  await cli(['backup', file], before.dataDirectory)
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  for (const database of [{}, { APIGATE_DATABASE_DSN: url }]) {
    const dataDirectory = temporaryFolder()
    await cli(['restore', file], dataDirectory, database)
    const after = await providerHouse({ env: { ...secrets, ...database }, dataDirectory })
    const search = after.house.providers.capabilities.capability('search')
    for (const text of ['koln', 'wettervorhersaeg'])
      expect(await search.query({ collection: 'listing', text })).toMatchObject({ value: { total: 1 } })
    await search.put({ ...document, text: 'Sonne' })
    expect(await search.query({ collection: 'listing', text: 'regen' })).toMatchObject({
      value: { total: 0 },
    })
  }
})
