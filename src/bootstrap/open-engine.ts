import { join, resolve } from 'node:path'
import { createRecordCompiler } from '#adapters/expression/record-compiler.ts'
import { isPrivateHost } from '#adapters/http/private-address.ts'
import type { OriginScope } from '#adapters/request/origin-scope.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { migrate } from '#adapters/sql/migrate.ts'
import type { OpenDatabase } from '#adapters/sql/open-database.ts'
import { createBehaviours } from '#app/behaviours.ts'
import type { Engine } from '#core/engine.ts'
import { isSecretSetting } from '#core/provider/configuration.ts'
import { providersFor, shortName } from '#core/provider/definition.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { loadCode } from '#core/runtime/load-code.ts'
import { applySeed } from '#core/runtime/seed.ts'
import { eventTypes } from '#core/schema/event-types.ts'
import type { Module } from '#core/schema/module.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { permits } from '#domain/access/permits.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { CustomReactions } from '#ports/custom-behaviour.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'
import type { KeyHash, PasswordHashing, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import { type Config, ownModules } from './config.ts'
import { confirmSecrets } from './confirm-secrets.ts'
import type { LoadedProviders } from './open-providers.ts'

const migrations = resolve(import.meta.dirname, '../../migrations')

/** What the engine of an instance is built from. */
export interface EngineParts {
  readonly config: Config
  readonly modules: ReadonlyMap<string, Module>
  readonly loaded: LoadedProviders
  readonly database: OpenDatabase
  readonly cipher: Cipher
  readonly tokenDigest: TokenDigest
  readonly passwordHashing: PasswordHashing
  readonly keyHash: KeyHash
  readonly expressions: ExpressionCompiler
  readonly validators: BodyValidators
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly origins: OriginScope
}

/**
 * Builds the engine from the modules, their behaviours and the operator's own code, and brings the tables up to them. Throws where a
 * module or its code is wrong, or the secrets are not those that the database was written with.
 */
export async function openEngine(parts: EngineParts): Promise<{
  readonly engine: Engine
  /** Code of the operator's own that is called for events. */
  readonly reactions: CustomReactions
}> {
  const { config, modules, database, cipher, tokenDigest, clock, ids, log } = parts
  const { db, dialect } = database
  const behaviours = behavioursOf(parts)
  const custom = config.moduleDirectories.filter((directory) => directory !== ownModules)
  const code = await loadCode(custom, Object.keys(behaviours), eventTypes(modules.values()))
  const engine = createEngine({
    db,
    dialect,
    modules,
    behaviours: { ...behaviours, ...code.behaviours },
    computations: code.computations,
    authorize: permits,
    clock,
    ids,
    cipher,
    log,
    origin: parts.origins.current,
    expressions: createRecordCompiler(),
  })
  // Several nodes may start on the same empty database at once.
  await database.alone(async () => {
    await syncSchema(db, dialect, modules)
    await migrate(db, migrations, new Date(clock.now()))
    await confirmSecrets(db, cipher, tokenDigest)
    await engine.recompute()
    await applySeed({ engine, db, clock }, join(ownModules, 'seed.yaml'))
  })
  return { engine, reactions: code.reactions }
}

const behavioursOf = ({
  loaded: { providers },
  ...parts
}: EngineParts): ReturnType<typeof createBehaviours> =>
  createBehaviours({
    ids: parts.ids,
    tokenDigest: parts.tokenDigest,
    passwordHashing: parts.passwordHashing,
    keyHash: parts.keyHash,
    expressions: parts.expressions,
    validators: parts.validators,
    readRecurrence: readCron,
    dataSources: [...providers.values()]
      .filter(({ module }) => module.meta.implements.includes('data_source'))
      .map(({ name }) => name),
    isSecretSetting: (key) => isSecretSetting(providers.values(), key),
    paymentProviders: providersFor(providers, { name: 'payment' })
      .filter(({ module }) => module.meta.provider.only !== 'testing')
      .map((provider) => shortName(provider, 'payment')),
    isPrivateHost,
  })
