import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { type OpenDatabase, openDatabase } from '#adapters/sql/open-database.ts'
import { type Actor, systemActor } from '#contract/actor.ts'
import type { RequestOrigin } from '#contract/audit.ts'
import type { Engine } from '#core/engine.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { moduleFolder } from '#test/support/module-folder.ts'

/** Modules with everything that the audit log treats in its own way. */
export const auditedModules = {
  'organization.yaml': `module: organization
meta: { scope: organization }
schema: { name: { type: string, required: true } }
`,
  'note.yaml': `module: note
meta: { scope: organization }
schema:
  title: { type: string, required: true }
  text: { type: string, default: "", max: 100000 }
  token: { type: secret }
  password: { type: string, write_only: true }
  digest: { type: string, internal: true }
  parent_id: { type: ref, to: note, on_delete: cascade }
actions:
  archive: { set: { text: archived } }
  close: { call: refuse_after_nested }
`,
  'beat.yaml': `module: beat
meta: { audit: false }
schema: { count: { type: int } }
`,
  'city.yaml': `module: city
schema: { name: { type: string, required: true } }
`,
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** An engine with an audit log on a database of its own connections. */
export async function auditedEngine(
  dsn: string,
  parts: { key?: number; now?: () => number; modules?: string } = {},
): Promise<{
  engine: Engine
  database: OpenDatabase
  circumstances: { origin: RequestOrigin | undefined }
  write: (
    action: string,
    input?: Record<string, unknown>,
    id?: string,
    actor?: Actor,
  ) => ReturnType<Engine['invoke']>
}> {
  const database = await openDatabase(dsn)
  const modules = await loadModules([parts.modules ?? moduleFolder(auditedModules)])
  await database.alone(() => syncSchema(database.db, database.dialect, modules))
  const clock = { now: parts.now ?? (() => Date.UTC(2026, 10, 21)) }
  const circumstances: { origin: RequestOrigin | undefined } = { origin: undefined }
  const engine = createEngine({
    ...database,
    modules,
    behaviours: {
      refuse_after_nested: async ({ invoke }) => {
        const made = await invoke({ module: 'city', action: 'create', input: { name: 'nested' } })
        return made.ok ? { ok: false, code: 'conflict', message: 'changed my mind' } : made
      },
    },
    authorize: (actor, _module, action) => actor.kind === 'system' || action.kind !== 'delete',
    clock,
    ids: createIds({ now: Date.now }),
    cipher: createCipher(Buffer.alloc(32, parts.key ?? 7)),
    log: quiet,
    origin: () => circumstances.origin,
  })
  return {
    engine,
    database,
    circumstances,
    write: (name, input, id, actor = systemActor) => {
      const [module = '', action = ''] = name.split('.')
      return engine.invoke({
        actor,
        requestId: 'req_1',
        module,
        action,
        ...(input === undefined ? {} : { input }),
        ...(id === undefined ? {} : { id }),
      })
    },
  }
}
