import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { openSqlite } from './sqlite.ts'

function open(path: string) {
  const database = openSqlite(path)
  onTestFinished(database.close)
  return database
}

const value = async (db: ReturnType<typeof open>['db'], pragma: string) => {
  const { rows } = await sql<Record<string, unknown>>`${sql.raw(`pragma ${pragma}`)}`.execute(db)
  return Object.values(rows[0] ?? {})[0]
}

test('a database is opened with the pragmas that the product relies on', async () => {
  const { db } = open(join(temporaryFolder(), 'a.db'))
  expect(await value(db, 'journal_mode')).toBe('wal')
  expect(await value(db, 'synchronous')).toBe(1)
  expect(await value(db, 'foreign_keys')).toBe(1)
  expect(await value(db, 'busy_timeout')).toBe(5000)
  expect(await value(db, 'cache_size')).toBe(-64000)
  expect(await value(db, 'temp_store')).toBe(2)
})

test('a transaction holds the write lock from its begin, so that another process cannot write in between', async () => {
  const path = join(temporaryFolder(), 'a.db')
  const { db } = open(path)
  await db.schema.createTable('t').addColumn('a', 'integer').execute()
  const other = new DatabaseSync(path, { timeout: 0 })
  onTestFinished(() => other.close())
  await db.transaction().execute(async () => {
    expect(() => other.exec('insert into t values (1)')).toThrow(/locked/)
  })
  other.exec('insert into t values (1)')
})

test('a statement that was kept answers with the columns that a changed table has now', async () => {
  const { db } = open(':memory:')
  const all = () => sql<Record<string, unknown>>`select * from t`.execute(db)
  await sql`create table t (a integer)`.execute(db)
  await sql`insert into t values (1)`.execute(db)
  expect((await all()).rows.map((row) => ({ ...row }))).toEqual([{ a: 1 }])
  await sql`alter table t add column b integer default 2`.execute(db)
  expect((await all()).rows.map((row) => ({ ...row }))).toEqual([{ a: 1, b: 2 }])
})

test('a file that is no database is refused with what to do, and stays as it is', () => {
  const path = join(temporaryFolder(), 'a.db')
  writeFileSync(path, 'these are my notes, not a database. '.repeat(200))
  const before = readFileSync(path)
  expect(() => openSqlite(path)).toThrow(
    /is damaged or no SQLite file .*restore it from a backup, or move it away/,
  )
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a database file with damaged pages is refused with what to do', async () => {
  const path = join(temporaryFolder(), 'a.db')
  const { db, close } = openSqlite(path)
  await sql`create table t (a text)`.execute(db)
  await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into t select hex(randomblob(50)) from n`.execute(
    db,
  )
  await close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096 * 3, 4096 * 6)
  writeFileSync(path, bytes)
  expect(() => openSqlite(path)).toThrow(/is damaged .*restore it from a backup/)
})

test('a path that cannot be opened is named with what to check', () => {
  expect(() => openSqlite(join(temporaryFolder(), 'missing', 'a.db'))).toThrow(
    /cannot be opened: check that its folder exists/,
  )
})

test("another program's database is not changed by being opened", () => {
  const path = join(temporaryFolder(), 'a.db')
  const other = new DatabaseSync(path)
  other.exec('create table notes (text)')
  other.close()
  const before = readFileSync(path)
  void open(path)
  expect(readFileSync(path).equals(before)).toBe(true)
})
