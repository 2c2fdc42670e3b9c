import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openJournalSegments, sealStale } from '#adapters/journal/read-segments.ts'
import { migrate } from '#adapters/sql/migrate.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createUsageCutOff } from '#adapters/sql/usage-clock.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import type { Log } from '#ports/log.ts'
import { createUsageWriter } from '#worker/usage-writer.ts'
import { november } from './usage-events.ts'

const child = new URL('./metering-child.ts', import.meta.url).pathname
const migrations = new URL('../../migrations', import.meta.url).pathname
const inFlight = 24
const everything = { fromMs: 0, toMs: 2 ** 50, granularity: 'day', groupBy: [] } as const

let directory: string
let databasePath: string
let journalDirectory: string
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'apigate-crash-'))
  databasePath = join(directory, 'apigate.db')
  journalDirectory = join(directory, 'journal')
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

/** Runs a process that meters, kills it after so many acknowledged events, and answers all that it acknowledged. */
async function meterAndKill(name: string, killAfter: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, databasePath, journalDirectory, name, String(inFlight)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  for await (const line of createInterface(running.stdout)) {
    acknowledged.push(line)
    if (acknowledged.length === killAfter) running.kill('SIGKILL')
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter)
  return acknowledged
}

/** What the next start does: end the segments that were left open and take over what is in them. */
async function recover(): Promise<{ ids: string[]; requests: number | undefined }> {
  const failures: string[] = []
  const note = (_fields: object, message: string) => failures.push(message)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  sealStale(journalDirectory, 'next')
  const database = openSqlite(databasePath)
  const store = createUsageStore(database.db)
  const segments = openJournalSegments(journalDirectory)
  await createUsageWriter({ segments, store, clock: { now: Date.now }, log }).drain()
  const rows = await database.db
    .withTables<{ usage_events: { id: string } }>()
    .selectFrom('usage_events')
    .select('id')
    .execute()
  const [totals] = await store.totals(everything)
  await database.close()
  expect(failures).toEqual([])
  expect(segments.list()).toEqual([])
  return { ids: rows.map((row) => row.id), requests: totals?.requests }
}

interface Arrived {
  readonly id: string
  readonly at: number
  readonly arrival: number
}

/** Everything that is stored, and what of it was noted as late. */
async function readArrivals(): Promise<{ events: Arrived[]; late: Arrived[] }> {
  const database = openSqlite(databasePath)
  const db = database.db.withTables<{ usage_events: Arrived; usage_late: Arrived }>()
  const events = await db.selectFrom('usage_events').select(['id', 'at', 'arrival']).execute()
  const late = await db.selectFrom('usage_late').select(['id', 'at', 'arrival']).execute()
  await database.close()
  return { events, late }
}

async function closeBefore(beforeMs: number): Promise<number> {
  const database = openSqlite(databasePath)
  const arrival = await createUsageCutOff(database.db).closeBefore(beforeMs)
  await database.close()
  return arrival
}

test('a killed writer leaves arrivals without a gap, and knows every event that came after its time was closed', async () => {
  const database = openSqlite(databasePath)
  await migrate(database.db, migrations, new Date(november))
  await database.close()
  const closed = november + 900
  await meterAndKill('before', 500)
  await recover()
  const arrival = await closeBefore(closed)
  for (const killAfter of [300, 1400]) {
    await meterAndKill(`after-${killAfter}`, killAfter)
    await recover()
  }
  const { events, late } = await readArrivals()
  const seen = [...new Set(events.map((event) => event.arrival))].sort((a, b) => a - b)
  expect(seen).toEqual(seen.map((_, index) => index + 1))
  const expected = events.filter((event) => event.at < closed && event.arrival > arrival)
  expect(expected.length).toBeGreaterThan(900)
  const byId = (a: Arrived, b: Arrived) => (a.id < b.id ? -1 : 1)
  expect(late.sort(byId)).toEqual(expected.sort(byId))
})

test('a killed process loses no event that it acknowledged, and counts none twice', async () => {
  const database = openSqlite(databasePath)
  await migrate(database.db, migrations, new Date(november))
  await database.close()
  const acknowledged: string[] = []
  let surplus = 0
  for (const [round, killAfter] of [1, 40, 700, 1999, 3001, 6000].entries()) {
    acknowledged.push(...(await meterAndKill(`${round}-1`, killAfter)))
    const { ids, requests } = await recover()
    const stored = new Set(ids)
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
    expect(requests).toBe(ids.length)
    expect(ids.length - acknowledged.length - surplus).toBeLessThanOrEqual(inFlight)
    surplus = ids.length - acknowledged.length
  }
})
