import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileJournal } from '#adapters/journal/file-journal.ts'
import { openJournalSegments } from '#adapters/journal/read-segments.ts'
import { migrate } from '#adapters/sql/migrate.ts'
import type { OpenDatabase } from '#adapters/sql/open-database.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import type { Log } from '#ports/log.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { november, usageEvent } from '#test/usage/usage-events.ts'
import { createUsageWriter } from './usage-writer.ts'

const migrations = new URL('../../migrations', import.meta.url).pathname
const clock = { ms: november, now: () => clock.ms }

let directory: string
let database: OpenDatabase
let store: UsageStore
let logged: string[]
beforeEach(async () => {
  clock.ms = november
  logged = []
  directory = fs.mkdtempSync(join(tmpdir(), 'apigate-writer-'))
  database = openSqlite(':memory:')
  await migrate(database.db, migrations, new Date(november))
  store = createUsageStore(database.db)
})
afterEach(async () => {
  await database.close()
  fs.rmSync(directory, { recursive: true })
})

const note = (_fields: object, message: string) => logged.push(message)
const log: Log = { debug: note, info: note, warn: note, error: note }
const openWriter = (over: Partial<UsageStore> = {}) =>
  createUsageWriter({ segments: openJournalSegments(directory), store: { ...store, ...over }, clock, log })
const openJournal = (name: string, maxSegmentBytes = 1e9) =>
  createFileJournal({ directory, name, clock, maxSegmentBytes })

async function requests() {
  const query = { fromMs: 0, toMs: 2 ** 50, granularity: 'day', groupBy: [] } as const
  return (await store.totals(query))[0]?.requests
}

function append(journal: ReturnType<typeof openJournal>, from: number, to: number) {
  for (let index = from; index < to; index += 1) journal.append(usageEvent({ id: `use_${index}` }), () => {})
  journal.flush()
}

describe('draining', () => {
  test('moves everything, and deletes a segment only when it is ended and stored', async () => {
    const journal = openJournal('1-1')
    const writer = openWriter()
    append(journal, 0, 1234)
    expect(await writer.drain()).toMatchObject({ events: 1234, damaged: 0 })
    expect(await requests()).toBe(1234)
    expect(fs.readdirSync(directory)).toEqual(['usage-1-1-000001.journal'])
    append(journal, 1234, 1300)
    journal.close()
    expect(await writer.drain()).toMatchObject({ events: 66 })
    expect(await requests()).toBe(1300)
    expect(fs.readdirSync(directory)).toEqual([])
    expect(await store.position('usage-1-1-000001.journal')).toBe(0)
  })

  test('what comes while a pass is at work waits for the next one, so that a busy gateway is not written in tiny transactions', async () => {
    const journal = openJournal('1-1')
    append(journal, 0, 10)
    const sizes: number[] = []
    const absorb: UsageStore['absorb'] = (events, position) => {
      sizes.push(events.length)
      append(journal, 10 * sizes.length, 10 * sizes.length + 10)
      return store.absorb(events, position)
    }
    expect(await openWriter({ absorb }).drain()).toMatchObject({ events: 10 })
    expect(sizes).toEqual([10])
    expect(await openWriter().drain()).toMatchObject({ events: 10 })
    expect(await requests()).toBe(20)
  })

  test('a backlog moves in larger and larger transactions, up to 2,000 events', async () => {
    const journal = openJournal('1-1')
    for (let from = 0; from < 10_000; from += 100) append(journal, from, from + 100)
    const sizes: number[] = []
    const absorb: UsageStore['absorb'] = (events, position) => {
      sizes.push(events.length)
      return store.absorb(events, position)
    }
    await openWriter({ absorb }).drain()
    expect(sizes).toEqual([500, 1000, 2000, 2000, 2000, 2000, 500])
    expect(await requests()).toBe(10_000)
  })

  test('transactions that hold the lock for longer than 10 ms become smaller, down to 250 events', async () => {
    const journal = openJournal('1-1')
    for (let from = 0; from < 2000; from += 50) append(journal, from, from + 50)
    const sizes: number[] = []
    const holds = [10, 11, 40, 11, 6, 5]
    const absorb: UsageStore['absorb'] = (events, position) => {
      sizes.push(events.length)
      clock.ms += holds[sizes.length - 1] ?? 0
      return store.absorb(events, position)
    }
    await openWriter({ absorb }).drain()
    expect(sizes).toEqual([500, 500, 250, 250, 250, 250])
    expect(await requests()).toBe(2000)
  })

  test('two writers on the same segments count every event once', async () => {
    const journal = openJournal('1-1', 20_000)
    append(journal, 0, 900)
    append(journal, 900, 2000)
    journal.close()
    const [one, two] = await Promise.all([openWriter().drain(), openWriter().drain()])
    expect(one.events + two.events).toBe(2000)
    expect(await requests()).toBe(2000)
    expect(fs.readdirSync(directory)).toEqual([])
  })

  test('a store that fails loses nothing: the next pass moves the same events', async () => {
    const journal = openJournal('1-1')
    append(journal, 0, 700)
    journal.close()
    let calls = 0
    const absorb: UsageStore['absorb'] = (events, position) => {
      calls += 1
      if (calls === 2) throw new Error('database is locked')
      return store.absorb(events, position)
    }
    const writer = openWriter({ absorb })
    await expect(writer.drain()).rejects.toThrow('locked')
    await writer.drain()
    expect(await requests()).toBe(700)
    expect(fs.readdirSync(directory)).toEqual([])
  })

  test('an event that was stored just before a crash could delete its segment is not counted again', async () => {
    const journal = openJournal('1-1')
    append(journal, 0, 10)
    journal.close()
    const forget = () => Promise.reject(new Error('killed'))
    await expect(openWriter({ forget }).drain()).rejects.toThrow('killed')
    expect(await openWriter().drain()).toMatchObject({ events: 0 })
    expect(await requests()).toBe(10)
  })

  test('damaged lines are counted, logged and kept beside the journal; the events around them are stored', async () => {
    const journal = openJournal('1-1')
    append(journal, 0, 3)
    journal.close()
    const file = join(directory, 'usage-1-1-000001.journal')
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"use_1"', '"use_1'))
    expect(await openWriter().drain()).toMatchObject({ events: 2, damaged: 1 })
    expect(await requests()).toBe(2)
    expect(logged).toEqual(['damaged lines of the usage journal were set aside'])
    expect(fs.readdirSync(directory)).toEqual(['usage-1-1-000001.journal.damaged'])
  })
})

describe('the lag', () => {
  test('is the age of the oldest event when it is stored, and 0 with an empty journal', async () => {
    append(openJournal('1-1'), 0, 2)
    clock.ms += 1500
    const writer = openWriter()
    expect(await writer.drain()).toMatchObject({ lagMs: 1500 })
    expect(await writer.drain()).toMatchObject({ lagMs: 0 })
  })

  test('grows while the store fails', async () => {
    append(openJournal('1-1'), 0, 2)
    const writer = openWriter({ absorb: () => Promise.reject(new Error('database is locked')) })
    expect(writer.lagMs()).toBe(0)
    await expect(writer.drain()).rejects.toThrow()
    clock.ms += 4000
    expect(writer.lagMs()).toBe(4000)
  })
})

test('the loop moves events by itself, outlives a failing pass, and stopping makes one last pass', async () => {
  const journal = openJournal('1-1')
  append(journal, 0, 5)
  let isBroken = true
  let moved: () => void = () => {}
  const firstMove = new Promise<void>((resolve) => {
    moved = resolve
  })
  const writer = openWriter({
    async absorb(events, position) {
      if (isBroken) {
        isBroken = false
        throw new Error('database is locked')
      }
      const done = await store.absorb(events, position)
      moved()
      return done
    },
  })
  writer.start(1)
  await firstMove
  expect(logged).toEqual(['the usage journal could not be moved into the usage table'])
  append(journal, 5, 12)
  await writer.stop()
  expect(await requests()).toBe(12)
})
