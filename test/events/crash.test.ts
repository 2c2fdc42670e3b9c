import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createDispatcher } from '#core/runtime/dispatch.ts'
import { readSince } from '#core/runtime/outbox.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { moduleFolder, temporaryFolder } from '#test/support/module-folder.ts'
import { copiesIn, copyConsumer, makeCopies } from './copies.ts'

const child = new URL('./copying-child.ts', import.meta.url).pathname
const log = { debug() {}, info() {}, warn() {}, error() {} }
const thing = `module: thing
schema: { count: { type: int } }
actions: { touch: {} }
`

/** Runs processes that write and copy, kills them all after so many answered writes, and answers what was answered. */
async function writeAndKill(path: string, modules: string, processes: number, killAfter: number) {
  const running = Array.from({ length: processes }, () =>
    spawn(process.execPath, [child, path, modules], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const answered: string[] = []
  await Promise.all(
    running.map(async (one) => {
      for await (const line of createInterface(one.stdout)) {
        answered.push(line)
        if (answered.length === killAfter) for (const each of running) each.kill('SIGKILL')
      }
    }),
  )
  return answered
}

test('a consumer gets every event of every answered write once and in order, wherever its process is killed', async () => {
  const path = join(temporaryFolder(), 'test.db')
  const modules = moduleFolder({ 'thing.yaml': thing })
  const first = openSqlite(path)
  await syncSchema(first.db, first.dialect, await loadModules([modules]))
  await makeCopies(first.db)
  await first.close()
  const answered: string[] = []
  for (const [processes, killAfter] of [
    [1, 1],
    [1, 17],
    [2, 60],
    [1, 150],
    [2, 90],
  ] as const)
    answered.push(...(await writeAndKill(path, modules, processes, killAfter)))

  const { db, dialect, close } = openSqlite(path)
  const dispatcher = createDispatcher({
    db,
    dialect,
    clock: { now: Date.now },
    log,
    consumers: [copyConsumer],
    intervalMs: 5,
  })
  await dispatcher.drain()
  const copies = await copiesIn(db)
  const told: { seq: number; type: string; record_id: string }[] = []
  for (;;) {
    const page = await readSince(db, told.at(-1)?.seq ?? 0, 1_000)
    if (page.length === 0) break
    told.push(...page.map(({ seq, type, record_id }) => ({ seq, type, record_id })))
  }
  await close()
  expect(copies).toEqual(told)
  for (const id of answered) {
    const types = copies.filter(({ record_id }) => record_id === id).map(({ type }) => type)
    expect(types).toEqual(['thing.created', 'thing.updated', 'thing.touch'])
  }
  expect(answered.length).toBeGreaterThanOrEqual(300)
})
