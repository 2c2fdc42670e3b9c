import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import type { OpenDatabase } from './open-database.ts'
import { openSqlite } from './sqlite.ts'

const now = new Date('2026-11-20T09:00:00Z')
let directory: string
let database: OpenDatabase
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'apigate-migrate-'))
  database = openSqlite(':memory:')
})
afterEach(async () => {
  await database.close()
  fs.rmSync(directory, { recursive: true })
})

const addMigration = (name: string, body: string) =>
  fs.writeFileSync(join(directory, `${name}.ts`), `export async function up(db) { ${body} }\n`)
const createTable = (name: string) =>
  `await db.schema.createTable('${name}').addColumn('id', 'text').execute()`
const tables = async () =>
  (await database.db.introspection.getTables()).map((table) => table.name).filter((name) => name.length === 1)

test('migrations run once, oldest first, and new ones are added later', async () => {
  addMigration('20260102T0000_second', createTable('b'))
  addMigration('20260101T0000_first', createTable('a'))
  fs.writeFileSync(join(directory, 'notes.txt'), '')
  expect(await migrate(database.db, directory, now)).toEqual(['20260101T0000_first', '20260102T0000_second'])
  expect(await migrate(database.db, directory, now)).toEqual([])
  addMigration('20260103T0000_third', createTable('c'))
  expect(await migrate(database.db, directory, now)).toEqual(['20260103T0000_third'])
  expect(await tables()).toEqual(['a', 'b', 'c'])
})

test('two that start at once run each migration once', async () => {
  addMigration('20260101T0000_first', createTable('a'))
  const ran = await Promise.all([migrate(database.db, directory, now), migrate(database.db, directory, now)])
  expect(ran.flat()).toEqual(['20260101T0000_first'])
})

test('a migration that fails leaves nothing behind, also not of those before it', async () => {
  addMigration('20260101T0000_first', createTable('a'))
  addMigration('20260102T0000_second', `${createTable('b')}; throw new Error('broken')`)
  await expect(migrate(database.db, directory, now)).rejects.toThrow('broken')
  expect(await tables()).toEqual([])
})

test('a database that a newer version changed is refused, with what to do', async () => {
  addMigration('20260101T0000_first', createTable('a'))
  addMigration('20260102T0000_second', createTable('b'))
  await migrate(database.db, directory, now)
  fs.rmSync(join(directory, '20260102T0000_second.ts'))
  await expect(migrate(database.db, directory, now)).rejects.toThrow(
    /newer version \(20260102T0000_second\): start that version, or restore a backup/,
  )
})
