import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { type OpenDatabase, openDatabase } from '#adapters/sql/open-database.ts'
import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { loadModules } from '#core/schema/load.ts'
import { encodeCursor } from '#core/storage/cursor.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { startPostgres } from '#test/support/postgres/server.ts'
import { median } from './process.ts'

// What the engine costs beside the query builder alone doing the same, on both databases; whether a list stays flat; how long a start takes.
// `npm run bench:engine -- [operations a round] [rows of the list]`

const operations = Number(process.argv[2] ?? 2000)
const listRows = Number(process.argv[3] ?? 1_000_000)
const rounds = 5
const folder = mkdtempSync(join(tmpdir(), 'apigate-bench-'))
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const clock = { now: Date.now }
const at = '2026-11-20T12:00:00.000Z'

const note = `
module: note
schema:
  title:    { type: string, required: true, lookup: true }
  pages:    { type: int, min: 0 }
  lent:     { type: bool, default: false }
  kind:     { type: enum, values: [novel, poems], default: novel }
  bought:   { type: timestamp }
  data:     { type: json }
`

function moduleFolder(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(folder, 'modules-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text)
  return made
}

type Row = Readonly<Record<string, unknown>> & { readonly id: string }
type Loose = Kysely<Record<string, Record<string, unknown>>>

/** The engine over one module, and the same done by the query builder alone: one transaction, the row and its event. */
async function contestants({ db, dialect }: OpenDatabase) {
  const modules = await loadModules([moduleFolder({ 'note.yaml': note })])
  await syncSchema(db, dialect, modules)
  const ids = createIds(clock)
  const engine = createEngine({
    db,
    dialect,
    modules,
    behaviours: {},
    authorize: () => true,
    clock,
    ids,
    cipher: createCipher(Buffer.alloc(32, 7)),
    log: quiet,
  })
  const bare = db as unknown as Loose
  const columns = dialect.columns
  const encode = (kind: 'json' | 'boolean' | 'timestamp', value: unknown) =>
    columns[kind].encode?.(value) ?? value
  const input = (index: number) => ({
    title: `title ${index}`,
    pages: index,
    lent: true,
    bought: at,
    data: { shelf: index, tags: ['a', 'b'] },
  })
  const rowOf = (index: number): Row => ({
    id: ids.next('not'),
    title: `title ${index}`,
    pages: index,
    lent: encode('boolean', true),
    kind: 'novel',
    bought: encode('timestamp', at),
    data: encode('json', { shelf: index, tags: ['a', 'b'] }),
    created_at: encode('timestamp', at),
    updated_at: encode('timestamp', at),
  })
  const eventOf = (row: Row) => ({
    id: ids.next('evt'),
    type: 'note.created',
    module: 'note',
    record_id: row.id,
    organization_id: null,
    data: JSON.stringify(row),
    at,
  })
  const call = { actor: systemActor, requestId: 'bench', module: 'note' }
  const made: string[] = []
  const anyId = (index: number): string => made[index % made.length] ?? ''
  return {
    write: {
      engine: async (index: number) => {
        const outcome = await engine.invoke({ ...call, action: 'create', input: input(index) })
        if (!outcome.ok) throw new Error(outcome.message)
        made.push(outcome.value.row.id)
      },
      bare: (index: number) =>
        bare.transaction().execute(async (transaction) => {
          const row = rowOf(index)
          await transaction.insertInto('notes').values(row).execute()
          await transaction.insertInto('events').values(eventOf(row)).returning(['seq', 'id']).execute()
        }),
    },
    update: {
      engine: async (index: number) => {
        const outcome = await engine.invoke({
          ...call,
          action: 'update',
          id: anyId(index),
          input: { pages: index + 1 },
        })
        if (!outcome.ok) throw new Error(outcome.message)
      },
      bare: (index: number) =>
        bare.transaction().execute(async (transaction) => {
          const id = anyId(index)
          const row = await transaction
            .selectFrom('notes')
            .selectAll()
            .where('id', '=', id)
            .executeTakeFirstOrThrow()
          const changes = { pages: index + 2, updated_at: encode('timestamp', at) }
          await transaction.updateTable('notes').set(changes).where('id', '=', id).execute()
          const event = eventOf({ ...row, ...changes, id })
          await transaction.insertInto('events').values(event).returning(['seq', 'id']).execute()
        }),
    },
    get: {
      engine: (index: number) => engine.get({ ...call, id: anyId(index) }),
      bare: (index: number) =>
        bare.selectFrom('notes').selectAll().where('id', '=', anyId(index)).executeTakeFirst(),
    },
    'list of 20': {
      engine: () => engine.list({ ...call, query: { limit: 20 } }),
      bare: () => bare.selectFrom('notes').selectAll().orderBy('id').limit(21).execute(),
    },
  }
}

/** CPU of this process per operation, in microseconds. */
async function cost(run: (index: number) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (let index = 0; index < operations; index += 1) await run(index)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / operations
}

async function compare(name: string, database: OpenDatabase): Promise<void> {
  for (const [work, sides] of Object.entries(await contestants(database))) {
    const costs = { engine: [] as number[], bare: [] as number[] }
    await cost(sides.engine)
    for (let round = 0; round < rounds; round += 1) {
      costs.engine.push(await cost(sides.engine))
      costs.bare.push(await cost(sides.bare))
    }
    const [ours, bare] = [median(costs.engine), median(costs.bare)]
    const perSecond = (microseconds: number) => Math.round(1_000_000 / microseconds)
    console.log(
      `| ${name} | ${work} | ${ours.toFixed(0)} | ${perSecond(ours)} | ${bare.toFixed(0)} | ${(ours / bare).toFixed(2)} x |`,
    )
  }
}

/** Milliseconds of the first and of the last page of a long list, by the clock. */
async function listing(name: string, { db, dialect }: OpenDatabase): Promise<void> {
  const modules = await loadModules([moduleFolder({ 'note.yaml': note })])
  await syncSchema(db, dialect, modules)
  await fill(db as unknown as Loose, dialect.name)
  const engine = createEngine({
    db,
    dialect,
    modules,
    behaviours: {},
    authorize: () => true,
    clock,
    ids: createIds(clock),
    cipher: createCipher(Buffer.alloc(32, 7)),
    log: quiet,
  })
  const idOf = (index: number): string => `not_${String(index).padStart(12, '0')}`
  for (const [field, valueAt] of [
    ['id', idOf],
    ['created_at', (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()],
  ] as const) {
    const page = async (cursor: string | undefined): Promise<number> => {
      const times: number[] = []
      for (let turn = 0; turn < 25; turn += 1) {
        const started = performance.now()
        const query = {
          sort: { field, descending: false },
          limit: 100,
          ...(cursor === undefined ? {} : { cursor }),
        }
        const list = await engine.list({ actor: systemActor, module: 'note', query })
        if (!list.ok || list.value.items.length !== 100) throw new Error('not a whole page')
        times.push(performance.now() - started)
      }
      return median(times)
    }
    const place = listRows - 101
    const last = encodeCursor(field, { value: valueAt(place), id: idOf(place) })
    const [first, end] = [await page(undefined), await page(last)]
    console.log(
      `| ${name} | ${field} | ${first.toFixed(2)} | ${end.toFixed(2)} | ${(end / first).toFixed(2)} x |`,
    )
  }
}

async function fill(db: Loose, dialect: string): Promise<void> {
  const last = listRows - 1
  const columns = sql`notes (id, title, pages, lent, kind, created_at, updated_at)`
  if (dialect === 'postgres')
    await sql`insert into ${columns} select 'not_' || lpad(n::text, 12, '0'), 'title ' || n, n, false, 'novel',
      timestamptz '2026-01-01 00:00:00+00' + n * interval '1 second', now() from generate_series(0, ${sql.lit(last)}) n`.execute(
      db,
    )
  else
    await sql`with recursive n(n) as (select 0 union all select n + 1 from n where n < ${sql.lit(last)})
      insert into ${columns} select printf('not_%012d', n), 'title ' || n, n, 0, 'novel',
      strftime('%Y-%m-%dT%H:%M:%S.000Z', 1767225600 + n, 'unixepoch'), ${at} from n`.execute(db)
  await sql`analyze`.execute(db)
}

/** Milliseconds until an instance with 60 modules of the user's is open: with its tables to make, and with them made. */
async function boot(name: string, dsn: string): Promise<void> {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      `thing_${index}.yaml`,
      note.replace('module: note', `module: thing_${index}`),
    ]),
  )
  const dataDirectory = mkdtempSync(join(folder, 'data-'))
  mkdirSync(dataDirectory, { recursive: true })
  const config = readConfig({}, { dataDirectory, moduleDirectory: moduleFolder(files), databaseDsn: dsn })
  if (!config.ok) throw new Error(config.message)
  const times: number[] = []
  for (let turn = 0; turn < 4; turn += 1) {
    const started = performance.now()
    const house = await openHouse(config.value, { log: quiet })
    times.push(performance.now() - started)
    await house.close()
  }
  const [first = 0, ...later] = times
  console.log(`| ${name} | ${first.toFixed(0)} | ${median(later).toFixed(0)} |`)
}

const server = await startPostgres()
let schemas = 0
const schema = async (): Promise<string> => {
  schemas += 1
  const admin = await openDatabase(`${server.url}?sslmode=disable`)
  await sql`create schema ${sql.id(`bench_${schemas}`)}`.execute(admin.db)
  await admin.close()
  return `${server.url}?sslmode=disable&options=${encodeURIComponent(`-c search_path=bench_${schemas}`)}`
}
const databases: readonly (readonly [string, () => Promise<string>])[] = [
  ['SQLite', async () => resolve(mkdtempSync(join(folder, 'file-')), 'bench.db')],
  ['PostgreSQL', schema],
]
const withEach = async (work: (name: string, database: OpenDatabase) => Promise<void>): Promise<void> => {
  for (const [name, make] of databases) {
    const database = await openDatabase(await make())
    await work(name, database)
    await database.close()
  }
}
try {
  console.log(`${operations} operations a round, median of ${rounds} rounds, CPU of the process\n`)
  console.log(
    '| database | work | us | a second and core | query builder alone, us | costs |\n|---|---|---:|---:|---:|---:|',
  )
  await withEach(compare)
  console.log(
    `\n| ${listRows} records | sorted by | first page of 100, ms | last page, ms | last : first |\n|---|---|---:|---:|---:|`,
  )
  await withEach(listing)
  console.log(
    '\n| start with 60 modules beside our own | tables to make, ms | tables made, ms |\n|---|---:|---:|',
  )
  for (const [name, make] of databases) await boot(name, await make())
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
