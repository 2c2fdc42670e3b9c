import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import type { AtTheEnd } from '#test/support/at-the-end.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { startUpstream } from '#test/support/upstream.ts'
import { dataSourceConformance, type Thing } from './data-source.ts'

async function open(provider: string, record: object, atTheEnd: AtTheEnd = onTestFinished) {
  const opened = await providerHouse({ env: { DATA_SOURCE_PROVIDER: provider }, atTheEnd })
  await opened.create(`data_source_${provider}`, { name: provider, ...record })
  return opened
}

function sqliteFile(things: readonly Thing[], atTheEnd?: AtTheEnd): string {
  const path = join(temporaryFolder(atTheEnd), 'other.db')
  const db = new DatabaseSync(path)
  db.exec('create table things (id text primary key, name text not null, changed integer)')
  for (const { id, name, changed } of things)
    db.prepare('insert into things values (?, ?, ?)').run(id, name, changed)
  db.close()
  return path
}

async function postgresThings(things: readonly Thing[], atTheEnd: AtTheEnd = onTestFinished) {
  const { url, remove } = await emptySchema()
  atTheEnd(remove)
  const client = new pg.Client(url)
  await client.connect()
  await client.query('create table things (id text primary key, name text not null, changed bigint)')
  for (const { id, name, changed } of things)
    await client.query('insert into things values ($1, $2, $3)', [id, name, changed])
  atTheEnd(() => client.end())
  const [schema] = (await client.query<{ name: string }>('select current_schema() as name')).rows
  return { url, client, schema: schema?.name ?? '' }
}

dataSourceConformance('database (SQLite)', async (things, atTheEnd) => {
  const { house } = await open('database', { dsn: sqliteFile(things, atTheEnd) }, atTheEnd)
  return house.providers.capabilities
})

dataSourceConformance('database (PostgreSQL)', async (things, atTheEnd) => {
  const { url } = await postgresThings(things, atTheEnd)
  const opened = await open('database', { dsn: url }, atTheEnd)
  await opened.set('data_source.database.allow_private', 'true')
  return opened.house.providers.capabilities
})

const csvValue = (one: unknown): string => (one === null ? '' : `"${String(one).replaceAll('"', '""')}"`)

dataSourceConformance('file (CSV)', async (things, atTheEnd) => {
  const path = temporaryFolder(atTheEnd)
  const lines = things.map(({ id, name, changed }) => [id, name, changed].map(csvValue).join(','))
  writeFileSync(join(path, 'things.csv'), ['\ufeffid,name,changed', ...lines, ''].join('\r\n'))
  const { house } = await open('file', { path }, atTheEnd)
  return house.providers.capabilities
})

dataSourceConformance('file (JSON lines)', async (things, atTheEnd) => {
  const path = temporaryFolder(atTheEnd)
  writeFileSync(join(path, 'things.jsonl'), things.map((one) => `${JSON.stringify(one)}\n`).join('\n'))
  const { house } = await open('file', { path }, atTheEnd)
  return house.providers.capabilities
})

for (const pagination of ['none', 'page', 'cursor', 'link'] as const) {
  dataSourceConformance(`api (${pagination})`, async (things, atTheEnd) => {
    const upstream = await startUpstream()
    atTheEnd(upstream.close)
    upstream.answer((_request, response, { url, headers }) => {
      const asked = new URL(url, upstream.url)
      const isFine = asked.pathname === '/v1/things' && headers.authorization === 'Bearer tok-123456'
      const size = pagination === 'none' ? 1000 : 4
      const start =
        pagination === 'page'
          ? (Number(asked.searchParams.get('page')) - 1) * size
          : Number(asked.searchParams.get('page') ?? 0)
      const next = start + size < things.length ? String(start + size) : null
      const link =
        pagination === 'link' && next !== null ? { link: `</v1/things?page=${next}>; rel="next"` } : {}
      response.writeHead(isFine ? 200 : 404, { 'content-type': 'application/json', ...link })
      response.end(JSON.stringify({ data: things.slice(start, start + size), meta: { next_cursor: next } }))
    })
    const record = { base_url: `${upstream.url}/v1`, token: 'tok-123456', pagination }
    const opened = await open('api', record, atTheEnd)
    await opened.set('data_source.api.allow_private', 'true')
    return opened.house.providers.capabilities
  })
}

const query = { table: 'things', order_by: 'changed', key: 'id' }
const thing = { id: 'a', name: 'A', changed: 1 }

it('a database is not written to unless that is allowed, and cannot be by its own connection', async () => {
  const { house } = await open('database', { dsn: sqliteFile([thing]) })
  const source = house.providers.capabilities.capability('data_source')
  const refused = await source.write({ table: 'things', key: 'id', rows: [{ ...thing, name: 'B' }] })
  expect(refused).toMatchObject({ ok: false, details: { reason: 'not_offered' } })
  expect(await source.read(query)).toMatchObject({ value: { rows: [thing] } })
})

it.each(['SQLite', 'PostgreSQL'])(
  'rows are written by key, all of them or none, and counted (%s)',
  async (kind) => {
    const dsn = kind === 'SQLite' ? sqliteFile([thing]) : (await postgresThings([thing])).url
    const opened = await open('database', { dsn, allow_write: true })
    await opened.set('data_source.database.allow_private', 'true')
    const source = opened.house.providers.capabilities.capability('data_source')
    const write = (rows: object[], more: object = {}) =>
      source.write({ table: 'things', key: 'id', rows, ...more })
    const rows = [
      { ...thing, name: 'A2' },
      { id: 'b', name: 'B', changed: 2 },
    ]
    const counts = { inserted: 1, updated: 1, unchanged: 0 }
    expect(await write(rows, { dry_run: true })).toEqual({ ok: true, value: counts })
    expect(await source.read(query)).toMatchObject({ value: { rows: [thing] } })
    expect(await write(rows)).toEqual({ ok: true, value: counts })
    expect(await write(rows)).toEqual({ ok: true, value: { inserted: 0, updated: 0, unchanged: 2 } })
    const broken = await write([
      { id: 'c', name: 'C', changed: 3 },
      { id: 'd', name: null, changed: 4 },
    ])
    expect(broken).toMatchObject({ ok: false, code: 'conflict' })
    expect(await write([{ name: 'no key' }])).toMatchObject({ code: 'validation_error' })
    expect(await write([thing, thing])).toMatchObject({ code: 'validation_error' })
    expect(await write([{ id: 'e', 'name" = 1; --': 'x' }])).toMatchObject({ code: 'validation_error' })
    expect(await source.read(query)).toEqual({
      ok: true,
      value: {
        rows: [
          { ...thing, name: 'A2' },
          { id: 'b', name: 'B', changed: 2 },
        ],
        has_more: false,
      },
    })
  },
)

it('a column that a table does not have is refused with its field, in order, key and columns', async () => {
  const { house } = await open('database', { dsn: sqliteFile([thing]) })
  const source = house.providers.capabilities.capability('data_source')
  for (const [field, wrong] of [
    ['order_by', { order_by: '1; drop table things' }],
    ['key', { key: 'rowid) --' }],
    ['columns', { columns: ['(select 1)'] }],
  ] as const)
    expect(await source.read({ ...query, ...wrong })).toMatchObject({
      code: 'validation_error',
      details: { field },
    })
})

it('a server at a private address is refused unless it is allowed, and its password is in no answer and no log', async () => {
  const { url } = await postgresThings([thing])
  const dsn = url.replace(/^postgres:\/\/[^@]*@/, 'postgres://postgres:hunter2-secret@')
  const { house, lines } = await open('database', { dsn })
  const outcome = await house.providers.capabilities.capability('data_source').read(query)
  expect(outcome).toMatchObject({ ok: false, code: 'service_unavailable' })
  expect(JSON.stringify(outcome) + lines.join('\n')).not.toContain('hunter2-secret')
  expect(lines.join('\n')).toContain('private address')
})

it('instants of PostgreSQL keep their microseconds, so that no row is read twice', async () => {
  const { url, client } = await postgresThings([])
  await client.query('create table t (id int primary key, at timestamptz)')
  await client.query(
    "insert into t select n, '2026-01-01 00:00:00.000001+00'::timestamptz + n * interval '1 microsecond' from generate_series(1, 9) n",
  )
  const opened = await open('database', { dsn: url })
  await opened.set('data_source.database.allow_private', 'true')
  const source = opened.house.providers.capabilities.capability('data_source')
  const ids: unknown[] = []
  let after: unknown[] | undefined
  for (let page = 0; page < 9; page++) {
    const outcome = await source.read({
      table: 't',
      order_by: 'at',
      key: 'id',
      limit: 2,
      ...(after === undefined ? {} : { after }),
    })
    const rows = outcome.ok ? (outcome.value.rows as { id: number; at: string }[]) : []
    ids.push(...rows.map(({ id }) => id))
    const last = rows.at(-1)
    if (last === undefined) break
    after = [last.at, last.id]
  }
  expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

it('a file that is larger than what is kept of it is read whole, and a changed one anew', async () => {
  const path = temporaryFolder()
  const file = join(path, 'big.jsonl')
  const rows = Array.from({ length: 45_000 }, (_, n) => ({ id: n, changed: (n * 7919) % 45_000 }))
  writeFileSync(file, rows.map((one) => JSON.stringify(one)).join('\n'))
  const { house } = await open('file', { path })
  const source = house.providers.capabilities.capability('data_source')
  let [count, last, after] = [0, -1, undefined as unknown[] | undefined]
  for (;;) {
    const outcome = await source.read({
      table: 'big',
      order_by: 'changed',
      key: 'id',
      limit: 5000,
      ...(after === undefined ? {} : { after }),
    })
    if (!outcome.ok) throw new Error(outcome.message)
    for (const row of outcome.value.rows as { id: number; changed: number }[]) {
      expect(row.changed).toBe(last + 1)
      last = row.changed
      count += 1
      after = [row.changed, row.id]
    }
    if (!outcome.value.has_more) break
  }
  expect(count).toBe(45_000)
  writeFileSync(file, '{"id":1,"changed":1}')
  const again = await source.read({ table: 'big', order_by: 'changed', key: 'id' })
  expect(again).toMatchObject({ value: { rows: [{ id: 1, changed: 1 }], has_more: false } })
})

it('a folder of files gives nothing of what links lead to, and says which line is broken', async () => {
  const [path, outside] = [temporaryFolder(), temporaryFolder()]
  writeFileSync(join(outside, 'x.csv'), 'id,changed\n1,1\n')
  symlinkSync(join(outside, 'x.csv'), join(path, 'x.csv'))
  writeFileSync(join(path, 'broken.jsonl'), '{"id":1,"changed":1}\n{oops\n')
  const { house, lines } = await open('file', { path })
  const source = house.providers.capabilities.capability('data_source')
  expect((await source.read({ ...query, table: 'x' })).ok).toBe(false)
  expect(await source.read({ ...query, table: 'broken' })).toMatchObject({
    code: 'service_unavailable',
    message: 'The data_source provider file failed: line 2 is not JSON',
  })
  expect(lines.join('\n')).toContain('line 2 is not JSON')
  writeFileSync(join(path, 'open.csv'), 'id,changed\n1,1\n2,"2\n')
  expect(await source.read({ ...query, table: 'open' })).toMatchObject({
    message: expect.stringMatching(/failed: the file is no CSV: .*line \d/),
  })
})
