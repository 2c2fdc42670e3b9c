import type { Actor } from '#contract/actor.ts'
import { type AuditActor, auditActorOf, type RequestOrigin } from '#contract/audit.ts'
import type { DomainEvent } from '#contract/events.ts'
import { accept, Fault, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { ListQuery, Page, Row } from '#ports/records.ts'
import { createAuditLog } from '../audit/audit-log.ts'
import type { Call, Engine } from '../engine.ts'
import type { Module } from '../schema/module.ts'
import { whileAvailable } from '../storage/violation.ts'
import { createAnnouncer } from './announcer.ts'
import { boundOf } from './bounds.ts'
import { createRuntime, type EngineDependencies } from './create-runtime.ts'
import { runAction } from './invoke.ts'
import { choose, denied } from './locate.ts'
import { appendEvents, lastSeq, readSince } from './outbox.ts'
import { recompute } from './recompute.ts'
import { createRecords } from './records.ts'
import { resolveConditions } from './references.ts'
import type { PendingEvent, Runtime, Unit } from './runtime.ts'
import { showRow } from './view.ts'

/** Undoes a transaction on its way out of it; never leaves this file. */
class Rollback extends Error {
  readonly refusal: Refusal
  /** The position of the call that was refused. */
  readonly call: number
  constructor(refusal: Refusal, call: number) {
    super(refusal.message)
    this.refusal = refusal
    this.call = call
  }
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

/** Runs calls in one transaction of their own, and tells what it has committed before it answers. */
async function transact(
  runtime: Runtime,
  announce: (events: readonly DomainEvent[]) => Promise<void>,
  calls: readonly Call[],
): Promise<Outcome<readonly InvocationResult[]>> {
  const origin = runtime.origin()
  try {
    const { events, results } = await runtime.write(async (transaction) => {
      const pending: PendingEvent[] = []
      const store = runtime.store.on(transaction)
      const records = createRecords(store)
      const unit: Unit = {
        db: transaction,
        store,
        records,
        events: pending,
        entries: [],
        leaving: new Set(),
        released: 0,
        now: runtime.clock.now(),
      }
      const done: { readonly call: Call; readonly result: InvocationResult }[] = []
      for (const call of calls) {
        const outcome = await runAction(runtime, unit, call, 0)
        if (!outcome.ok) throw new Rollback(outcome, done.length)
        done.push({ call, result: outcome.value })
        const at = new Date(unit.now).toISOString()
        const kept = { at, actor: actorBehind(call, origin), requestId: call.requestId, origin }
        await runtime.appendAudit(transaction, kept, unit.entries.splice(0))
      }
      const appended = await appendEvents(transaction, pending)
      for (const { call, result } of done) await call.beforeCommit?.({ db: transaction }, result)
      return { events: appended, results: done.map(({ result }) => result) }
    })
    await announce(events)
    return accept(results)
  } catch (error) {
    if (!(error instanceof Rollback)) throw error
    const { refusal, call } = error
    return calls.length === 1 ? refusal : { ...refusal, details: { ...refusal.details, call } }
  }
}

/** Who is named in the audit log: whoever a flow acts for, and the one who sent the request rather than the product itself. */
function actorBehind({ actor, onBehalfOf }: Call, origin: RequestOrigin | undefined): AuditActor {
  if (onBehalfOf !== undefined) return onBehalfOf
  if (actor.kind === 'system' && origin?.actor !== undefined) return origin.actor
  return auditActorOf(actor)
}

async function transactOne(
  runtime: Runtime,
  announce: (events: readonly DomainEvent[]) => Promise<void>,
  call: Call,
): Promise<Outcome<InvocationResult>> {
  const outcome = await transact(runtime, announce, [call])
  if (!outcome.ok) return outcome
  const [result] = outcome.value
  if (result === undefined) throw new Fault('internal_error', 'a call was done without a result')
  return accept(result)
}

async function readOne(
  { store, authorize }: Runtime,
  module: Module | undefined,
  call: { actor: Actor; module: string; id: string },
): Promise<Outcome<Row>> {
  const action = module?.actions.get('get')
  if (module === undefined || action === undefined)
    return refuse('not_found', `There is no module ${call.module}`)
  const rows = await store.within(boundOf(call.actor)).find(module.name, call.id, 'show')
  const row = choose(rows, call.actor, authorize, module, action)
  return row.ok ? accept(showRow(module, row.value)) : row
}

async function readList(
  { modules, store, authorize }: Runtime,
  module: Module | undefined,
  call: { actor: Actor; module: string; query: ListQuery },
): Promise<Outcome<Page<Row>>> {
  const action = module?.actions.get('list')
  if (module === undefined || action === undefined)
    return refuse('not_found', `There is no module ${call.module}`)
  const verdict = authorize(call.actor, module, action, undefined)
  if (verdict === false) return denied(module, action)
  const own = store.within(boundOf(call.actor))
  const sight = { modules, store: own, authorize, actor: call.actor }
  const where = await resolveConditions(sight, module, call.query.where ?? [])
  const page = await own.list(module.name, { ...call.query, where }, 'shown', verdict === true ? [] : verdict)
  if (!page.ok) return page
  const items = page.value.items.filter((row) => authorize(call.actor, module, action, row) !== false)
  return accept({ ...page.value, items: items.map((row) => showRow(module, row)) })
}

/** Makes the module runtime. Throws a SchemaFault when a module calls a behaviour that is not there. */
export function createEngine(deps: EngineDependencies): Engine {
  const runtime = createRuntime(deps)
  const announcer = createAnnouncer(deps.log)
  const module = moduleFinder(deps.modules)

  /** A database that cannot work right now is told apart from a fault of ours. */
  const guard = <T>(work: () => Promise<T>): Promise<T> => whileAvailable(deps.dialect, work)

  return {
    modules: deps.modules,
    module,
    invoke: (call) => guard(() => transactOne(runtime, announcer.announce, call)),
    invokeAll: (calls) => guard(() => transact(runtime, announcer.announce, calls)),
    get: (call) => guard(() => readOne(runtime, module(call.module), call)),
    list: (call) => guard(() => readList(runtime, module(call.module), call)),
    records: createRecords(runtime.store),
    recordsWithin: (organizationId) => createRecords(runtime.store.within(organizationId)),
    audit: createAuditLog({ ...deps, ...runtime, append: runtime.appendAudit }),
    recompute: () => guard(() => recompute(runtime)),
    onCommit: announcer.add,
    eventsSince: (seq, limit) => guard(() => readSince(deps.db, seq, limit)),
    lastSeq: () => guard(() => lastSeq(deps.db)),
  }
}
