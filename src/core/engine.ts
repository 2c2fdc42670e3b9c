import type { Kysely } from 'kysely'
import type { Actor } from '#contract/actor.ts'
import type { AuditActor } from '#contract/audit.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Invocation, InvocationResult } from '#ports/behaviour.ts'
import type { ListQuery, Page, Records, Row } from '#ports/records.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { Module } from './schema/module.ts'
import type { Tables } from './storage/tables.ts'

/** One call of an action from outside. */
export interface Call extends Invocation {
  readonly actor: Actor
  readonly requestId: string
  /** Who the audit log names in the place of the actor: the account that the product itself acts for. */
  readonly onBehalfOf?: AuditActor
  /** Refuse with `precondition_failed` unless the record still has this ETag. */
  readonly ifMatch?: string
  /** Runs in the transaction, after everything else: what must be true if and only if the write is. */
  readonly beforeCommit?: (transaction: Transaction, result: InvocationResult) => Promise<void>
}

/** A transaction, seen by code of the engine that keeps its own tables. */
export interface Transaction {
  readonly db: Kysely<Tables>
}

/** The module runtime: the one way to read and write records. Every row it answers has passed the module's view. */
export interface Engine {
  readonly modules: ReadonlyMap<string, Module>
  /** A module by its name or its plural, with `_` or `-`; undefined when there is none. */
  module(name: string): Module | undefined
  /** create, update, delete and custom actions: authorize, validate, hooks, store, outbox event, in one transaction. */
  invoke(call: Call): Promise<Outcome<InvocationResult>>
  /**
   * Several calls in their order and in one transaction: all of them, or none. A later call sees what an earlier one wrote. Of several
   * calls, a refusal carries the position of the refused one as `details.call`.
   */
  invokeAll(calls: readonly Call[]): Promise<Outcome<readonly InvocationResult[]>>
  /** One record by id or by a value of a lookup field. */
  get(call: { actor: Actor; module: string; id: string }): Promise<Outcome<Row>>
  list(call: { actor: Actor; module: string; query: ListQuery }): Promise<Outcome<Page<Row>>>
  /** Who did what; every write is in it, in the transaction of the write. */
  readonly audit: AuditLog
  /** Brings stored records up to computed fields that are new or defined anew; to be called once before serving. */
  recompute(): Promise<number>
  /** Inside reads: internal fields present, secrets decrypted. For app flows only. */
  readonly records: Records
  /** The same of one organization. */
  recordsWithin(organizationId: string): Records
  /**
   * Called after each commit with its events, before the writer is answered; used by the gateway snapshot and live channels.
   * Listeners run in the order they were added, one commit at a time; a listener must not wait for an invoke.
   */
  onCommit(listener: (events: readonly DomainEvent[]) => void | Promise<void>): void
  /** Committed events after `seq` in their order, also those of other processes on the same database. */
  eventsSince(seq: number, limit: number): Promise<readonly DomainEvent[]>
  /** The seq of the last committed event, 0 before the first. */
  lastSeq(): Promise<number>
}
