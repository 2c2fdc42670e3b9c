import type { Kysely } from 'kysely'
import type { Actor } from '#contract/actor.ts'
import type { RequestOrigin } from '#contract/audit.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { Condition, Records, Row } from '#ports/records.ts'
import type { AppendAudit, PendingEntry } from '../audit/append.ts'
import type { Action, Module } from '../schema/module.ts'
import type { RecordStore } from '../storage/record-store.ts'
import type { Tables } from '../storage/tables.ts'
import type { Blueprint } from './blueprint.ts'
import type { ComputedField } from './computed.ts'
import type { WriteTurn } from './write-turn.ts'

/**
 * The one rule of who may call which action; `row` is the record it is about, where there is one. Without a record the rule may answer
 * with the conditions that a record has to meet: a list then shows, counts and sorts only those. An answer to a record is yes or no.
 */
export type Authorize = (
  actor: Actor,
  module: Module,
  action: Action,
  row: Row | undefined,
) => boolean | readonly Condition[]

/** What every call of an engine shares. */
export interface Runtime {
  readonly db: Kysely<Tables>
  readonly write: WriteTurn
  readonly modules: ReadonlyMap<string, Module>
  readonly store: RecordStore
  readonly authorize: Authorize
  readonly behaviours: Readonly<Record<string, Behaviour>>
  readonly appendAudit: AppendAudit
  /** Where the request comes from that is being answered. */
  readonly origin: () => RequestOrigin | undefined
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  blueprint(module: Module, action: Action): Blueprint
  computed(module: Module): readonly ComputedField[]
}

/** An event whose data is only known at the end of its action. */
export type PendingEvent = { -readonly [Key in keyof Omit<DomainEvent, 'seq'>]: DomainEvent[Key] }

/** One transaction: everything that it reads, writes and will tell. */
export interface Unit {
  readonly db: Kysely<Tables>
  /** Everybody's records; an action takes the part of it that its actor may know. */
  readonly store: RecordStore
  readonly records: Records
  readonly events: PendingEvent[]
  /** What the audit log will keep of it. */
  readonly entries: PendingEntry[]
  /** Records that are being deleted, as `module id`; each goes once, also where two refer to each other. */
  readonly leaving: Set<string>
  /** How many records have gone with others so far. */
  released: number
  /** The time of the whole transaction, milliseconds UTC. */
  readonly now: number
}
