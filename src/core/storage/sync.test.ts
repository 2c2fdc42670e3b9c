import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { moduleFolder } from '#test/support/module-folder.ts'
import { loadModules } from '../schema/load.ts'
import { writeMark } from './meta.ts'
import { syncSchema } from './sync.ts'

function open() {
  const database = openSqlite(':memory:')
  onTestFinished(database.close)
  return database
}

const rack = 'module: rack\nschema:\n  name: { type: string, lookup: true }\n'
const book = (fields: string): string =>
  `module: book\nschema:\n  title: { type: string, required: true }\n${fields}`

async function sync(database: ReturnType<typeof open>, fields: string, extra = '') {
  const modules = await loadModules([moduleFolder({ 'rack.yaml': rack, 'book.yaml': book(fields) + extra })])
  return syncSchema(database.db, database.dialect, modules)
}

const addBook = (database: ReturnType<typeof open>, id: string, title: string) =>
  sql`insert into books (id, title, created_at, updated_at) values (${id}, ${title}, '2026-01-01', '2026-01-01')`.execute(
    database.db,
  )

const cell = async (database: ReturnType<typeof open>, column: string) => {
  const { rows } = await sql<Record<string, unknown>>`select ${sql.ref(column)} as cell from books`.execute(
    database.db,
  )
  return rows[0]?.['cell']
}

test('tables are made from the modules, with their rules and indexes', async () => {
  const database = open()
  const fields = `
  isbn:     { type: string, unique: true }
  status:   { type: enum, values: [in, out], default: in }
  rack_id: { type: ref, to: rack, on_delete: cascade }
  password: { type: string, write_only: true }
`
  expect(await sync(database, fields, 'unique: [[title, rack_id]]\n')).toEqual([
    'table racks created',
    'table books created',
  ])
  const { rows } = await sql<{
    sql: string
  }>`select sql from sqlite_master where tbl_name = 'books' and sql is not null`.execute(database.db)
  const made = rows.map((row) => row.sql).join('\n')
  expect(made).toContain('"title" text not null')
  expect(made).toContain('"rack_id" text references "racks" ("id") on delete cascade')
  expect(made).toContain('UNIQUE INDEX "uniq_books_isbn"')
  expect(made).toContain('UNIQUE INDEX "uniq_books_title_rack_id"')
  expect(made).toContain('"idx_books_status"')
  expect(made).toContain('"idx_books_rack_id"')
  expect(made).not.toContain('password')
})

test('a second start changes nothing', async () => {
  const database = open()
  await sync(database, '')
  expect(await sync(database, '')).toEqual([])
})

test('a new field becomes a column with its default in the old records; nothing is dropped', async () => {
  const database = open()
  await sync(database, '  pages: { type: int }\n')
  await addBook(database, 'b1', 'Emma')
  await sql`insert into racks (id, name, created_at, updated_at) values ('s1', 'top', '', '')`.execute(
    database.db,
  )
  const changes = await sync(
    database,
    '  lent: { type: bool, default: true }\n  since: { type: timestamp, default: now() }\n  rack_id: { type: ref, to: rack, default: top }\n  code: { type: string, unique: true }\n',
  )
  expect(changes).toEqual(['lent', 'since', 'rack_id', 'code'].map((name) => `column books.${name} added`))
  expect(await cell(database, 'lent')).toBe(1)
  expect(await cell(database, 'since')).toBe('2026-01-01')
  expect(await cell(database, 'rack_id')).toBe('s1')
  expect(await cell(database, 'pages')).toBeNull()
})

const refused: [what: string, before: string, after: string, reason: RegExp][] = [
  [
    'a required field that old records lack',
    '',
    '  pages: { type: int, required: true }\n',
    /book.yaml: schema.pages: is required, but .*give it a default/,
  ],
  [
    'another type',
    '  pages: { type: string }\n',
    '  pages: { type: int }\n',
    /schema.pages: needs the column type integer, the table has text.*migration/,
  ],
  [
    'a required field that is gone',
    '  pages: { type: int, required: true, default: 1 }\n',
    '',
    /schema.pages: was required and is gone/,
  ],
]

for (const [what, before, after, reason] of refused) {
  test(`${what} stops the boot with a way out, and changes nothing`, async () => {
    const database = open()
    await sync(database, before)
    if (!before.includes('required')) await addBook(database, 'b1', 'Emma')
    await expect(sync(database, `${after}  extra: { type: int }\n`)).rejects.toThrow(reason)
    await expect(cell(database, 'extra')).rejects.toThrow(/no such column/)
  })
}

test('a field cannot become unique while its values are not', async () => {
  const database = open()
  await sync(database, '  code: { type: string, default: x }\n')
  for (const id of ['b1', 'b2']) await addBook(database, id, id)
  await sql`update books set code = 'x'`.execute(database.db)
  await expect(sync(database, '  code: { type: string, unique: true }\n')).rejects.toThrow(
    /schema.code: is unique, but there are records with the same code/,
  )
})

test('a database that a newer version has written is refused with what to do', async () => {
  const database = open()
  await sync(database, '')
  await writeMark(database.db, 'schema_version', '99')
  await expect(sync(database, '')).rejects.toThrow(
    /newer version of APIGate \(layout 99, .*start that version, or restore a backup/,
  )
})

test("another program's database is refused and left alone", async () => {
  const database = open()
  await sql`create table notes (text)`.execute(database.db)
  await expect(sync(database, '')).rejects.toThrow(
    /belongs to another program \(it has a table notes\).*APIGATE_DATABASE_DSN/,
  )
  const { rows } = await sql<{ name: string }>`select name from sqlite_master`.execute(database.db)
  expect(rows.map(({ name }) => name)).toEqual(['notes'])
})
