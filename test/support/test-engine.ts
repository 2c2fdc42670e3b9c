import { onTestFinished } from 'vitest'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { createRecordCompiler } from '#adapters/expression/record-compiler.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import type { DomainEvent } from '#contract/events.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { createPermission } from '#core/runtime/permission.ts'
import type { Authorize } from '#core/runtime/runtime.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import type { Behaviour, Computation } from '#ports/behaviour.ts'
import type { Log } from '#ports/log.ts'
import { moduleFolder } from './module-folder.ts'
import { openTestDatabase } from './test-database.ts'

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A real engine over modules written in YAML, on a database in memory; `told` gathers every committed event. */
export async function testEngine(
  files: Readonly<Record<string, string>>,
  parts: {
    behaviours?: Readonly<Record<string, Behaviour>>
    computations?: Readonly<Record<string, Computation>>
    authorize?: Authorize
    path?: string
  } = {},
) {
  const modules = await loadModules([moduleFolder(files)])
  const { db, dialect, close } = parts.path === undefined ? await openTestDatabase() : openSqlite(parts.path)
  onTestFinished(close)
  await syncSchema(db, dialect, modules)
  const time = { now: Date.UTC(2026, 0, 15, 12) }
  const clock = { now: () => time.now }
  const authorize = parts.authorize ?? (() => true)
  const cipher = createCipher(Buffer.alloc(32, 7))
  const engine = createEngine({
    db,
    dialect,
    modules,
    behaviours: parts.behaviours ?? {},
    authorize,
    clock,
    ids: createIds(clock),
    cipher,
    log: quiet,
    expressions: createRecordCompiler(),
    ...(parts.computations === undefined ? {} : { computations: parts.computations }),
  })
  const permission = createPermission({ db, dialect, modules, cipher, authorize })
  const told: DomainEvent[] = []
  engine.onCommit((events) => void told.push(...events))
  const types = () => told.map((event) => event.type)
  return { engine, permission, db, dialect, clock, time, told, types }
}
