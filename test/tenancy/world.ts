import { onTestFinished } from 'vitest'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createKeyHash } from '#adapters/crypto/key-hash.ts'
import { createPasswordHashing } from '#adapters/crypto/password.ts'
import { createTokenDigest } from '#adapters/crypto/token-digest.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createBehaviours } from '#app/behaviours.ts'
import { createRouteCompilers } from '#bootstrap/route-compilers.ts'
import { type Actor, systemActor } from '#contract/actor.ts'
import { moduleRoutes } from '#core/channel/http/module-routes.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { createIdempotency } from '#core/runtime/idempotency.ts'
import { createPermission } from '#core/runtime/permission.ts'
import { applySeed } from '#core/runtime/seed.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { permits } from '#domain/access/permits.ts'
import type { Row } from '#ports/records.ts'
import { moduleFolder } from '#test/support/module-folder.ts'

/** One request of the channel, without a server around it. */
export interface Ask {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type World = Awaited<ReturnType<typeof openWorld>>

/** An instance in which time stands still and ids are counted, so that two with the same history answer the same bytes. */
export async function openWorld(files: Readonly<Record<string, string>>) {
  const modules = await loadModules(['modules', moduleFolder(files)])
  const { db, dialect, close } = openSqlite(':memory:')
  onTestFinished(close)
  await syncSchema(db, dialect, modules)
  const clock = { now: () => Date.UTC(2026, 10, 20, 9) }
  const counter = { next: 0 }
  const count = (): string => String(++counter.next)
  const ids = {
    next: (prefix: string) => `${prefix}_${count().padStart(26, '0')}`,
    randomHex: (bytes: number) => count().padStart(bytes * 2, '0'),
  }
  const cipher = createCipher(Buffer.alloc(32, 7))
  const tokenDigest = createTokenDigest(Buffer.alloc(32, 8))
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const engine = createEngine({
    db,
    dialect,
    modules,
    behaviours: createBehaviours({
      ids,
      tokenDigest,
      passwordHashing: createPasswordHashing({ memoryKib: 64, passes: 1 }),
      keyHash: createKeyHash(),
      ...createRouteCompilers(),
      readRecurrence: readCron,
      dataSources: [],
      isSecretSetting: () => false,
      paymentProviders: [],
      isPrivateHost: () => false,
    }),
    authorize: permits,
    clock,
    ids,
    cipher,
    log,
  })
  await applySeed({ engine, db, clock }, 'modules/seed.yaml')
  const routes = moduleRoutes({
    engine,
    idempotency: createIdempotency({ db, dialect, cipher, tokenDigest, clock }),
    permission: createPermission({ db, dialect, modules, cipher, authorize: permits }),
  })

  return {
    engine,
    modules,
    routes,
    counter,
    async make(module: string, input: Readonly<Record<string, unknown>>): Promise<Row> {
      const made = await engine.invoke({
        actor: systemActor,
        requestId: 'world',
        module,
        action: 'create',
        input,
      })
      if (!made.ok) throw new Error(`${module}: ${made.message}`)
      return made.value.row
    },
    /** The whole answer as one text: status, headers and body. */
    async ask(actor: Actor, { method, path, body, headers = {} }: Ask): Promise<string> {
      const [bare = ''] = path.split('?')
      for (const route of routes) {
        const parameters = route.method === method ? match(route.path, bare) : undefined
        if (parameters === undefined) continue
        const request = new Request(`http://localhost${path}`, {
          method,
          headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        const answer = await route.handle({ actor, requestId: 'req_1', request, path: bare, parameters })
        return `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`
      }
      throw new Error(`nothing answers ${method} ${path}`)
    },
    /** Every record of a module, whole. */
    async rows(module: string): Promise<readonly Row[]> {
      const all: Row[] = []
      for await (const row of engine.records.each(module as 'plan')) all.push(row as unknown as Row)
      return all
    },
  }
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [at, part] of wanted.entries()) {
    const word = given[at] ?? ''
    if (part.startsWith(':')) parameters[part.slice(1)] = decodeURIComponent(word)
    else if (part !== word) return undefined
  }
  return parameters
}
