import type { Kysely } from 'kysely'
import type { DomainEvent } from '#contract/events.ts'
import { accept, Fault, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { Behaviour, InvocationResult } from '#ports/behaviour.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { Engine } from '../engine.ts'
import type { Action, Module } from '../schema/module.ts'
import { SchemaFault } from '../schema/problem.ts'
import { hint } from '../schema/suggest.ts'
import type { SqlDialect } from '../storage/dialect.ts'
import { createRecordStore } from '../storage/record-store.ts'
import type { Tables } from '../storage/tables.ts'
import { type Blueprint, createBlueprint } from './blueprint.ts'
import { runAction } from './invoke.ts'
import { choose } from './locate.ts'
import { appendEvents, lastSeq, readSince } from './outbox.ts'
import { createRecords } from './records.ts'
import { resolveConditions } from './references.ts'
import type { Authorize, PendingEvent, Runtime, Unit } from './runtime.ts'
import { showRow } from './view.ts'

/** What an engine is made of; the tables of `db` must be in sync with `modules`. */
export interface EngineDependencies {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly modules: ReadonlyMap<string, Module>
  /** By the names that hooks call. */
  readonly behaviours: Readonly<Record<string, Behaviour>>
  readonly authorize: Authorize
  readonly clock: Clock
  readonly ids: Ids
  readonly cipher: Cipher
  readonly log: Log
}

/** Undoes a transaction on its way out of it; never leaves this file. */
class Rollback extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

function checkBehaviours(
  modules: ReadonlyMap<string, Module>,
  behaviours: EngineDependencies['behaviours'],
): void {
  const known = Object.keys(behaviours)
  const problems = [...modules.values()].flatMap((module) =>
    [...module.hooks].flatMap(([hook, steps]) =>
      steps.flatMap((step) => {
        if (step.kind !== 'call' || Object.hasOwn(behaviours, step.behaviour)) return []
        const message = `calls "${step.behaviour}", which is no behaviour${hint(step.behaviour, known)}`
        return [{ file: module.file, line: step.line, field: `hooks.${hook}`, message }]
      }),
    ),
  )
  if (problems.length > 0) throw new SchemaFault(problems)
}

/** Finds modules by their name or plural, however the words are joined. */
function moduleFinder(modules: ReadonlyMap<string, Module>): Engine['module'] {
  const all = [...modules.values()]
  const byName = new Map([
    ...all.map((module) => [module.plural, module] as const),
    ...all.map((module) => [module.name, module] as const),
  ])
  return (name) => byName.get(name.replaceAll('-', '_'))
}

function createRuntime(deps: EngineDependencies): Runtime {
  const blueprints = new Map<Action, Blueprint>()
  for (const module of deps.modules.values()) {
    for (const action of module.actions.values()) blueprints.set(action, createBlueprint(module, action))
  }
  return {
    db: deps.db,
    modules: deps.modules,
    store: createRecordStore(deps.db, deps.dialect, deps.modules, deps.cipher),
    authorize: deps.authorize,
    behaviours: deps.behaviours,
    clock: deps.clock,
    ids: deps.ids,
    log: deps.log,
    blueprint: (module, action) => blueprints.get(action) ?? createBlueprint(module, action),
  }
}

/** Tells commits to listeners, one commit after the other; a listener that fails is logged, because the commit stands. */
function createAnnouncer(log: Log) {
  const listeners: ((events: readonly DomainEvent[]) => void | Promise<void>)[] = []
  let last: Promise<void> = Promise.resolve()
  const tell = async (events: readonly DomainEvent[]): Promise<void> => {
    for (const listener of listeners) {
      try {
        await listener(events)
      } catch (error) {
        log.error({ error, first_seq: events[0]?.seq }, 'a listener of commits failed')
      }
    }
  }
  return {
    add: (listener: (typeof listeners)[number]) => void listeners.push(listener),
    announce(events: readonly DomainEvent[]): Promise<void> {
      if (events.length === 0) return Promise.resolve()
      last = last.then(() => tell(events))
      return last
    },
  }
}

/** Makes the module runtime. Throws a SchemaFault when a hook calls a behaviour that is not there. */
export function createEngine(deps: EngineDependencies): Engine {
  checkBehaviours(deps.modules, deps.behaviours)
  const runtime = createRuntime(deps)
  const { store, authorize } = runtime
  const announcer = createAnnouncer(deps.log)
  const module = moduleFinder(deps.modules)

  /** A database that cannot work right now is told apart from a fault of ours. */
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const violation = deps.dialect.violation(error)
      if (violation?.kind !== 'unavailable') throw error
      throw new Fault('service_unavailable', `the database cannot be used: ${violation.reason}`, {
        cause: error,
      })
    }
  }

  const transact: Engine['invoke'] = async (call): Promise<Outcome<InvocationResult>> => {
    try {
      const { events, result } = await deps.db.transaction().execute(async (transaction) => {
        const pending: PendingEvent[] = []
        const inner = store.on(transaction)
        const unit: Unit = {
          db: transaction,
          store: inner,
          records: createRecords(inner),
          events: pending,
          now: deps.clock.now(),
        }
        const outcome = await runAction(runtime, unit, call, 0)
        if (!outcome.ok) throw new Rollback(outcome)
        const appended = await appendEvents(transaction, pending)
        await call.beforeCommit?.({ db: transaction }, outcome.value)
        return { events: appended, result: outcome.value }
      })
      await announcer.announce(events)
      return accept(result)
    } catch (error) {
      if (error instanceof Rollback) return error.refusal
      throw error
    }
  }

  return {
    modules: deps.modules,
    module,
    invoke: (call) => guard(() => transact(call)),
    get: (call) =>
      guard(async () => {
        const found = module(call.module)
        const action = found?.actions.get('get')
        if (found === undefined || action === undefined)
          return refuse('not_found', `There is no module ${call.module}`)
        const row = choose(
          await store.find(found.name, call.id, 'show'),
          call.actor,
          authorize,
          found,
          action,
        )
        return row.ok ? accept(showRow(found, row.value)) : row
      }),
    list: (call) =>
      guard(async () => {
        const found = module(call.module)
        const action = found?.actions.get('list')
        if (found === undefined || action === undefined)
          return refuse('not_found', `There is no module ${call.module}`)
        if (!authorize(call.actor, found, action, undefined)) {
          return refuse('permission_denied', `You may not list ${found.meta.displayPlural}`)
        }
        const sight = { modules: deps.modules, store, authorize, actor: call.actor }
        const where = await resolveConditions(sight, found, call.query.where ?? [])
        const page = await store.list(found.name, { ...call.query, where }, 'shown')
        return page.ok
          ? accept({ ...page.value, items: page.value.items.map((row) => showRow(found, row)) })
          : page
      }),
    records: createRecords(store),
    onCommit: announcer.add,
    eventsSince: (seq, limit) => guard(() => readSince(deps.db, seq, limit)),
    lastSeq: () => guard(() => lastSeq(deps.db)),
  }
}
