import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileJournal } from '#adapters/journal/file-journal.ts'
import { migrate } from '#adapters/sql/migrate.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import { startUsageThread, type UsageThreadOptions } from '#bootstrap/usage-thread.ts'
import type { RequestsSeen } from '#ports/live-requests.ts'
import type { Log } from '#ports/log.ts'
import { createRequestFeed } from '#worker/request-feed.ts'
import { november, usageEvent } from './usage-events.ts'

const migrations = new URL('../../migrations', import.meta.url).pathname
let directory: string
let logged: string[]
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'apigate-thread-'))
  logged = []
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

const note = (_fields: object, message: string) => logged.push(message)
const log: Log = { debug: note, info: note, warn: note, error: note }
const databasePath = () => join(directory, 'data', 'apigate.db')
const journalDirectory = () => join(directory, 'journal')

async function makeDatabase(folder = 'data') {
  fs.mkdirSync(join(directory, folder))
  const database = openSqlite(join(directory, folder, 'apigate.db'))
  await migrate(database.db, migrations, new Date(november))
  const keys = database.db.schema.createTable('api_keys').addColumn('id', 'text')
  await keys.addColumn('last_used', 'text').execute()
  return { database, store: createUsageStore(database.db) }
}

const start = (
  intervalMs: number,
  onError?: (error: Error) => void,
  parts?: Pick<UsageThreadOptions, 'requests'>,
) =>
  startUsageThread({
    ...parts,
    databaseDsn: databasePath(),
    journalDirectory: journalDirectory(),
    log,
    intervalMs,
    ...(onError === undefined ? {} : { onError }),
  })

const openJournal = (maxSegmentBytes: number) =>
  createFileJournal({ directory: journalDirectory(), name: '1-1', clock: { now: Date.now }, maxSegmentBytes })

function append(journal: ReturnType<typeof openJournal>, from: number, to: number) {
  for (let index = from; index < to; index += 1) journal.append(usageEvent({ id: `use_${index}` }), () => {})
  journal.flush()
}

const everything = { fromMs: 0, toMs: 2 ** 50, granularity: 'day', groupBy: [] } as const
const hourly = 3_600_000

test('two threads on one database and one journal count every event once', async () => {
  const { database, store } = await makeDatabase()
  const journal = openJournal(50_000)
  for (let from = 0; from < 6000; from += 200) append(journal, from, from + 200)
  journal.close()
  const threads = [start(hourly), start(hourly)]
  await Promise.all(threads.map((thread) => thread.drain()))
  expect((await store.totals(everything))[0]?.requests).toBe(6000)
  expect(fs.readdirSync(journalDirectory())).toEqual([])
  await Promise.all(threads.map((thread) => thread.stop()))
  await database.close()
  expect(logged).toEqual([])
})

test('stopping moves what is still in the journal', async () => {
  const { database, store } = await makeDatabase()
  const thread = start(hourly)
  await thread.drain()
  const journal = openJournal(1e9)
  append(journal, 0, 30)
  await thread.stop()
  journal.close()
  expect((await store.totals(everything))[0]?.requests).toBe(30)
  await expect(thread.drain()).rejects.toThrow('stopped')
  await database.close()
})

test('a crashed thread is reported and started again, and a drain asked for meanwhile is still answered', async () => {
  const journal = openJournal(1e9)
  append(journal, 0, 30)
  let thread: ReturnType<typeof startUsageThread> | undefined
  const crash = await new Promise<Error>((resolve) => {
    thread = start(hourly, resolve)
  })
  expect(crash.message).toContain('cannot be opened')
  expect(logged[0]).toBe('the usage writer crashed and is started again')
  const drained = thread?.drain()
  // All of it at once: the thread may open it at any moment from then on.
  await (await makeDatabase('later')).database.close()
  fs.renameSync(join(directory, 'later'), join(directory, 'data'))
  expect(await drained).toMatchObject({ events: 30 })
  await thread?.stop()
  journal.close()
})

test('who begins to look on while the thread is storing is told of what it stores from then on', async () => {
  const { database } = await makeDatabase()
  const requests = createRequestFeed(10)
  const thread = start(hourly, undefined, { requests })
  await thread.drain()
  const journal = openJournal(1e9)
  append(journal, 0, 30)
  await sql`begin immediate`.execute(database.db)
  const drained = thread.drain()
  const seen = await new Promise<RequestsSeen>((resolve) => {
    requests.follow(resolve)
    void sql`commit`.execute(database.db)
  })
  expect(seen.counted).toBe(30)
  await drained
  await thread.stop()
  journal.close()
  await database.close()
})
