import type { Actor } from '#contract/actor.ts'
import type { Outcome, Refusal } from '#contract/outcome.ts'
import type { Clock } from './clock.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { Records, Row } from './records.ts'

/** One call of an action: create, update, delete or a custom one. */
export interface Invocation {
  readonly module: string
  readonly action: string
  /** The record, by id or by a value of a lookup field; absent for create. */
  readonly id?: string
  readonly input?: Readonly<Record<string, unknown>>
}

/** What an action answers: the record as its module shows it, and what is shown this once (`api_key.key`). */
export interface InvocationResult {
  readonly row: Row
  readonly once: Readonly<Record<string, unknown>>
}

/** What a behaviour (a `call:` step of a module's hooks) may see and do; everything it writes is in the action's transaction. */
export interface BehaviourContext {
  readonly actor: Actor
  readonly module: string
  readonly action: string
  /** The id of the record that is written; on create it is known before the record exists. */
  readonly id: string
  /**
   * The parsed input: refs are ids, on create the defaults are filled in, and what the action itself `set`s is in it. A before_
   * behaviour may set fields of it, internal ones too.
   */
  readonly input: Record<string, unknown>
  /** The record as it was; absent on create. */
  readonly before: Row | undefined
  /** The record as it is now; only in after_ behaviours that did not delete it. */
  readonly after: Row | undefined
  /** The time of the action, milliseconds UTC. */
  readonly now: number
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** What the caller's organization has, where the caller belongs to one; everything for operators and the system. */
  readonly records: Records
  /**
   * Writes another record, through the same one path and in the same transaction, with the rights of the system but no further than the
   * caller's organization. A refusal undoes that write alone.
   */
  invoke(call: Invocation): Promise<Outcome<InvocationResult>>
  /** The same two without the bounds of an organization, for the few behaviours that must look further. */
  readonly everywhere: Pick<BehaviourContext, 'records' | 'invoke'>
  /** Adds a field of the action's `output` to this one answer; it is never stored. */
  revealOnce(field: string, value: unknown): void
}

/** Works a field out of the rest of its record, for `computed: { call: ... }`: no side effect, the same record gives the same value. */
export type Computation = (record: Readonly<Record<string, unknown>>) => unknown

/** Logic behind a module: returns nothing to go on, or a refusal that rolls everything back. */
export type Behaviour = (context: BehaviourContext) => Promise<Refusal | undefined> | Refusal | undefined
