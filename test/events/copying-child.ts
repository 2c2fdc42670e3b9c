import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { systemActor } from '#contract/actor.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { createDispatcher } from '#core/runtime/dispatch.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { copyConsumer } from './copies.ts'

/** Writes without end, prints each record once it is answered, and copies every event meanwhile. */
const [databasePath = '', modules = ''] = process.argv.slice(2)
const clock = { now: Date.now }
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const loaded = await loadModules([modules])
const { db, dialect } = openSqlite(databasePath)
await syncSchema(db, dialect, loaded)
const engine = createEngine({
  db,
  dialect,
  modules: loaded,
  behaviours: {},
  authorize: () => true,
  clock,
  ids: createIds(clock),
  cipher: createCipher(Buffer.alloc(32, 7)),
  log: quiet,
})
const dispatcher = createDispatcher({
  db,
  dialect,
  clock,
  log: quiet,
  consumers: [copyConsumer],
  intervalMs: 5,
})
engine.onCommit(dispatcher.wake)
dispatcher.start()

const invoke = async (action: string, id: string | undefined, input: Record<string, unknown>) => {
  const call = { actor: systemActor, requestId: 'req', module: 'thing', action, input }
  const done = await engine.invoke(id === undefined ? call : { ...call, id })
  if (!done.ok) throw new Error(done.message)
  return done.value.row.id
}

async function writeOne(count: number): Promise<void> {
  const id = await invoke('create', undefined, { count })
  await invoke('update', id, { count: count + 1 })
  await invoke('touch', id, {})
  process.stdout.write(`${id}\n`, () => void writeOne(count + 1))
}
for (let index = 0; index < 4; index++) void writeOne(index)
