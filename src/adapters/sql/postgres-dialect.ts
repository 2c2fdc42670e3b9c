import { type Kysely, sql } from 'kysely'
import type { ColumnCodec, ColumnKind, SqlDialect } from '#core/storage/dialect.ts'
import type { Tables } from '#core/storage/tables.ts'
import { protectAudit, releaseAudit } from './postgres-audit.ts'
import { announceEvents, describeTables, inspect } from './postgres-catalogue.ts'
import { fillTables } from './postgres-load.ts'
import { asOrganization, protectOrganizations } from './postgres-organizations.ts'
import { storedInstant } from './postgres-values.ts'
import { violation } from './postgres-violation.ts'

/** The first half of our advisory locks; the other half is the schema, so that instances in one database do not wait for each other. */
export const lockClass = { writing: 1_095_780_679, alone: 1_095_780_680, serving: 1_095_780_681 } as const

async function lockWriting(transaction: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(lockClass.writing)}, hashtext(current_schema()))`.execute(
    transaction,
  )
}

const kinds: Readonly<Record<string, ColumnKind>> = {
  bool: 'boolean',
  bytea: 'binary',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  json: 'json',
  jsonb: 'json',
  timestamptz: 'timestamp',
}

/** Text is compared and sorted by its bytes, as on SQLite: the same list and the same cursor on every database and machine. */
const text: ColumnCodec = { type: 'text collate "C"', dataType: 'text' }

/**
 * PostgreSQL. JSON keeps its text (`json`), because `jsonb` would give back objects in another order and refuse some strings. Engine
 * writes take one lock for the whole schema, so that what holds on SQLite, one writer at a time, holds for many processes too: a
 * decision cannot be outrun by another one, and events become visible in the order of their numbers.
 */
export const postgresDialect: SqlDialect = {
  name: 'postgres',
  columns: {
    text,
    integer: { type: 'bigint', dataType: 'int8' },
    boolean: { type: 'boolean', dataType: 'bool' },
    json: { type: 'json', encode: (value) => JSON.stringify(value) },
    timestamp: { type: 'timestamptz', encode: storedInstant },
    binary: {
      type: 'bytea',
      encode: (value) => Buffer.from(value as string, 'base64'),
      decode: (stored) => Buffer.from(stored as Uint8Array).toString('base64'),
    },
  },
  sequence: {
    type: 'bigint',
    define: (column) => column.primaryKey().generatedByDefaultAsIdentity(),
  },
  likeOperator: 'ilike',
  locksRows: true,
  takesScripts: true,
  refersAhead: false,
  violation,
  inspect,
  kindOf: (dataType) => kinds[dataType] ?? 'text',
  beginSnapshot: 'begin isolation level repeatable read read only',
  load: (db, work) =>
    db.transaction().execute(async (transaction) => {
      await lockWriting(transaction)
      return fillTables(transaction, work)
    }),
  lockWriting,
  announceEvents,
  protectAudit,
  releaseAudit,
  describeTables,
  protectOrganizations,
  asOrganization,
}
