import type { Generated, Kysely } from 'kysely'
import type { AuditEntry } from '#contract/audit.ts'

/** The outbox: one line for every event of every commit; `data` is JSON, `at` ISO 8601 in UTC. */
export interface EventTable {
  seq: Generated<number>
  id: string
  type: string
  module: string
  record_id: string
  organization_id: string | null
  data: string
  at: string
}

/** How far each consumer of the outbox has come: everything up to `seq` is done. */
export interface EventCursorTable {
  consumer: string
  seq: number
  moved_at: string
}

/** Answers by Idempotency-Key: whose, of which request (`fingerprint`), and the answer to give again. */
export interface IdempotencyTable {
  actor: string
  key: string
  fingerprint: string
  status: number
  /** JSON: header names and values. */
  headers: string
  body: string
  created_at: string
}

/** Marks that the product leaves in a database, `schema_version` first of all. */
export interface MetaTable {
  key: string
  value: string
}

/** The audit log: nothing in it is ever changed or deleted. */
export interface AuditTable extends Omit<AuditEntry, 'position'> {
  position: Generated<number>
}

/** The end of each chain of the audit log; `seal` is `seq hash` under the instance's encryption key. */
export interface AuditChainTable {
  chain: string
  seq: number
  hash: string
  seal: string
}

/** The tables that the engine keeps for itself. */
export interface Tables {
  events: EventTable
  event_cursors: EventCursorTable
  audit_entries: AuditTable
  audit_chains: AuditChainTable
  idempotency_records: IdempotencyTable
  apigate_meta: MetaTable
}

/** The tables of modules: their names and columns come from YAML, so that only the loaded schema knows them. */
export interface ModuleTables {
  [table: string]: Record<string, unknown>
}

/** The same database, seen through the tables of its modules. */
export const moduleTables = (db: Kysely<Tables>): Kysely<ModuleTables> =>
  db as unknown as Kysely<ModuleTables>
