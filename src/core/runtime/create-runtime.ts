import { basename } from 'node:path'
import type { Kysely } from 'kysely'
import type { RequestOrigin } from '#contract/audit.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import { createAppendAudit } from '../audit/append.ts'
import type { Action, HookStep, Module } from '../schema/module.ts'
import { SchemaFault, type SchemaProblem } from '../schema/problem.ts'
import { nearest } from '../schema/suggest.ts'
import type { SqlDialect } from '../storage/dialect.ts'
import { createRecordStore } from '../storage/record-store.ts'
import type { Tables } from '../storage/tables.ts'
import { type Blueprint, createBlueprint } from './blueprint.ts'
import { type ComputingParts, prepareComputed } from './computed.ts'
import type { Authorize, Runtime } from './runtime.ts'
import { createWriteTurn } from './write-turn.ts'

/** What an engine is made of; the tables of `db` must be in sync with `modules`. */
export interface EngineDependencies extends ComputingParts {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly modules: ReadonlyMap<string, Module>
  /** By the names that hooks call. */
  readonly behaviours: Readonly<Record<string, Behaviour>>
  readonly authorize: Authorize
  readonly clock: Clock
  readonly ids: Ids
  readonly cipher: Cipher
  /** Where the request comes from that is being answered, for the audit log; absent where there are none. */
  readonly origin?: () => RequestOrigin | undefined
  readonly log: Log
}

type CallStep = Extract<HookStep, { kind: 'call' }>

/** Every place of a module that names a behaviour. */
function callsOf(module: Module): readonly { readonly field: string; readonly step: CallStep }[] {
  const hooks = [...module.hooks].flatMap(([hook, steps]) =>
    steps.flatMap((step) => (step.kind === 'call' ? [{ field: `hooks.${hook}`, step }] : [])),
  )
  const actions = [...module.actions.values()].flatMap(({ name, call }) =>
    call === undefined ? [] : [{ field: `actions.${name}.call`, step: call }],
  )
  return [...actions, ...hooks]
}

function unknownBehaviours({ modules, behaviours }: EngineDependencies): readonly SchemaProblem[] {
  const known = Object.keys(behaviours)
  return [...modules.values()].flatMap((module) =>
    callsOf(module).flatMap(({ field, step }) => {
      if (Object.hasOwn(behaviours, step.behaviour)) return []
      const meant = nearest(step.behaviour, known)
      const code = basename(module.file).replace(/\.ya?ml$/, '.ts')
      const way =
        meant === undefined
          ? `: export it among \`behaviours\` of ${code} beside it`
          : ` (did you mean "${meant}"?)`
      const message = `calls "${step.behaviour}", which is no behaviour${way}`
      return [{ file: module.file, ...step.place, field, message }]
    }),
  )
}

/** Works everything out that calls share. Throws a SchemaFault that names what modules call and nobody implements, and expressions that are none. */
export function createRuntime(deps: EngineDependencies): Runtime {
  const problems = [...unknownBehaviours(deps)]
  const computed = new Map(
    [...deps.modules.values()].map((module) => [module, prepareComputed(module, deps, problems)] as const),
  )
  if (problems.length > 0) throw new SchemaFault(problems)
  const create = (module: Module, action: Action): Blueprint =>
    createBlueprint(module, action, deps.modules, computed.get(module) ?? [])
  const blueprints = new Map<Action, Blueprint>()
  for (const module of deps.modules.values()) {
    for (const action of module.actions.values()) blueprints.set(action, create(module, action))
  }
  return {
    db: deps.db,
    write: createWriteTurn(deps.db, deps.dialect),
    modules: deps.modules,
    store: createRecordStore(deps.db, deps.dialect, deps.modules, deps.cipher),
    authorize: deps.authorize,
    behaviours: deps.behaviours,
    appendAudit: createAppendAudit(deps.db, deps.cipher),
    origin: deps.origin ?? (() => undefined),
    clock: deps.clock,
    ids: deps.ids,
    log: deps.log,
    blueprint: (module, action) => blueprints.get(action) ?? create(module, action),
    computed: (module) => computed.get(module) ?? [],
  }
}
