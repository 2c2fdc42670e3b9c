import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { lockDataDirectory } from './data-lock.ts'
import { makePrivateFile } from './private-file.ts'
import { openSqlite } from './sqlite.ts'

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('a database, the files beside it and the lock are for their owner alone, in a folder that all may enter', async () => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  const { db, close } = openSqlite(join(folder, 'elsewhere.db'))
  onTestFinished(close)
  await db.schema.createTable('apigate_meta').addColumn('key', 'text').execute()
  const lock = lockDataDirectory(folder)
  onTestFinished(lock.release)
  const modes = Object.fromEntries(readdirSync(folder).map((name) => [name, modeOf(join(folder, name))]))
  expect(modes).toEqual({
    'elsewhere.db': '600',
    'elsewhere.db-shm': '600',
    'elsewhere.db-wal': '600',
    'server.lock': '600',
    'server.lock-journal': '600',
  })
})

test('a file that is there keeps its mode and what is in it', () => {
  const path = join(temporaryFolder(), 'there')
  writeFileSync(path, 'kept')
  chmodSync(path, 0o640)
  makePrivateFile(path)
  expect([modeOf(path), statSync(path).size]).toEqual(['640', 4])
})
