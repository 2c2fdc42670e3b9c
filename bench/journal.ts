import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createFileJournal } from '#adapters/journal/file-journal.ts'
import { openJournalSegments } from '#adapters/journal/read-segments.ts'
import { migrate } from '#adapters/sql/migrate.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import type { UsageEvent } from '#contract/usage-event.ts'

/** What metering costs: `node bench/journal.ts [events]` prints microseconds of CPU per event, and ratios to the naive way. */
const count = Number(process.argv[2] ?? 100_000)
const rounds = 5
const migrations = new URL('../migrations', import.meta.url).pathname
const directory = fs.mkdtempSync(join(tmpdir(), 'apigate-bench-'))

const pick = (prefix: string, index: number, of: number) =>
  `${prefix}_01JD3M5T8Q${String((index * 7919) % of).padStart(16, '0')}`

const event = (index: number): UsageEvent => ({
  id: `use_01JD3M5T8Q${String(index).padStart(16, '0')}`,
  at: Date.UTC(2026, 10, 20) + index,
  request_id: `use_01JD3M5T8Q${String(index).padStart(16, '0')}`,
  organization_id: pick('org', index, 50),
  api_id: pick('api', 0, 1),
  subscription_id: pick('sub', index, 50),
  plan_id: pick('pln', index, 3),
  api_key_id: pick('key', index, 50),
  route_id: pick('rte', index, 5),
  method: 'GET',
  path: '/weather/lagos/today',
  status: 200,
  units: 1,
  request_bytes: 0,
  response_bytes: 512,
  duration_ms: 4,
})

/** Microseconds of CPU (all threads) per event. */
async function cost(events: number, run: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / events
}

/** The median of several rounds, the contestants taking turns so that a busy machine slows all of them. */
async function compare(contestants: Record<string, (round: number) => Promise<number>>) {
  const costs = Object.fromEntries(Object.keys(contestants).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) costs[name]?.push(await run(round))
  }
  const medians = Object.entries(costs).map(([name, values]) => {
    return [name, values.sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN] as const
  })
  const slowest = medians.at(-1)?.[1] ?? Number.NaN
  for (const [name, median] of medians) {
    console.log(
      `  ${name.padEnd(44)} ${median.toFixed(2).padStart(7)} µs   ${(median / slowest).toFixed(3)} x`,
    )
  }
}

const events = Array.from({ length: count }, (_, index) => event(index))
const quiet = () => {}
let files = 0

function journalCost(batch: number): Promise<number> {
  files += 1
  const journal = createFileJournal({
    directory,
    name: `${files}-1`,
    clock: { now: Date.now },
    scheduleFlush: quiet,
  })
  return cost(count, () => {
    for (let index = 0; index < count; index += 1) {
      journal.append(events[index] as UsageEvent, quiet)
      if (index % batch === batch - 1) journal.flush()
    }
    journal.close()
  })
}

console.log(`journal: CPU per event, ${count} events, median of ${rounds} rounds; the last line is 1 x`)
await compare({
  'append + flush, 32 a turn': () => journalCost(32),
  'append + flush, 8 a turn': () => journalCost(8),
  'append + flush, 1 a turn': () => journalCost(1),
  'naive: JSON.stringify + appendFileSync each': () => {
    files += 1
    const file = join(directory, `naive-${files}`)
    const some = events.slice(0, count / 10)
    return cost(some.length, () => {
      for (const each of some) fs.appendFileSync(file, `${JSON.stringify(each)}\n`)
    })
  },
})

async function absorbCost(round: number, size: number): Promise<number> {
  const database = openSqlite(join(directory, `absorb-${size}-${round}.db`))
  await migrate(database.db, migrations, new Date())
  const store = createUsageStore(database.db)
  const result = await cost(count, async () => {
    for (let from = 0; from < count; from += size) {
      await store.absorb(events.slice(from, from + size), { segment: 's', from, offset: from + size })
    }
  })
  await database.close()
  return result
}

async function naiveInsertCost(round: number): Promise<number> {
  const database = new DatabaseSync(join(directory, `naive-${round}.db`))
  const columns = Object.keys(event(0))
  database.exec('pragma journal_mode = wal; pragma synchronous = normal')
  database.exec(
    `create table events (${columns.join(' not null, ')} not null, primary key (id)) without rowid`,
  )
  const insert = database.prepare(`insert into events (${columns}) values (${columns.map(() => '?')})`)
  const some = events.slice(0, count / 10)
  const result = await cost(some.length, () => {
    for (const each of some) insert.run(...Object.values(each))
  })
  database.close()
  return result
}

async function readCost(): Promise<number> {
  const folder = join(directory, 'read')
  files += 1
  const name = `${files}-1`
  const journal = createFileJournal({
    directory: folder,
    name,
    clock: { now: Date.now },
    scheduleFlush: quiet,
    maxSegmentBytes: Number.POSITIVE_INFINITY,
  })
  for (let index = 0; index < count; index += 1) {
    journal.append(events[index] as UsageEvent, quiet)
    if (index % 32 === 31) journal.flush()
  }
  journal.close()
  const segments = openJournalSegments(folder)
  const segment = `usage-${name}-000001.journal`
  const result = await cost(count, () => {
    for (let offset = 0; ; ) {
      const slice = segments.read(segment, offset, 2000)
      if (slice === undefined || slice.nextOffset === offset) break
      offset = slice.nextOffset
    }
  })
  segments.remove(segment)
  return result
}

console.log('usage table: CPU per event; the last line has no rollups and no position, and is 1 x')
await compare({
  'read back the journal, 2000 at a time': readCost,
  'absorb, 2000 a transaction, with rollups': (round) => absorbCost(round, 2000),
  'absorb, 500 a transaction, with rollups': (round) => absorbCost(round, 500),
  'absorb, 50 a transaction, with rollups': (round) => absorbCost(round, 50),
  'naive: one autocommit insert each': naiveInsertCost,
})
fs.rmSync(directory, { recursive: true })
