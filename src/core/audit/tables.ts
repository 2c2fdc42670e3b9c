import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { SqlDialect } from '../storage/dialect.ts'
import type { Tables } from '../storage/tables.ts'

/** What nobody may change or delete once it is written, the database itself included. */
const auditTable = 'audit_entries'
/** The sealed end of each chain; it only moves forward. */
const auditChainTable = 'audit_chains'

const texts = [
  'chain',
  'at',
  'actor_kind',
  'actor_id',
  'action',
  'outcome',
  'changes',
  'request_id',
  'previous_hash',
  'hash',
] as const
const optionalTexts = ['operator_id', 'module', 'record_id', 'ip', 'user_agent'] as const

/** Makes the tables of the audit log where they are missing, and lets the database refuse whatever is no appending. */
export async function createAuditTables(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  present: ReadonlySet<string>,
): Promise<void> {
  const text = sql.raw(dialect.columns.text.type)
  if (!present.has(auditTable)) {
    let entries: CreateTableBuilder<string, string> = db.schema
      .createTable(auditTable)
      .addColumn('position', sql.raw(dialect.sequence.type), dialect.sequence.define)
      .addColumn('seq', 'bigint', (column) => column.notNull())
    for (const name of texts) entries = entries.addColumn(name, text, (column) => column.notNull())
    for (const name of optionalTexts) entries = entries.addColumn(name, text)
    await entries.addUniqueConstraint('audit_entries_chain', ['chain', 'seq']).execute()
    for (const name of ['actor_id', 'record_id'])
      await db.schema
        .createIndex(`idx_audit_entries_${name}`)
        .on(auditTable)
        .columns([name, 'position'])
        .execute()
  }
  if (!present.has(auditChainTable))
    await db.schema
      .createTable(auditChainTable)
      .addColumn('chain', text, (column) => column.primaryKey().notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('hash', text, (column) => column.notNull())
      .addColumn('seal', text, (column) => column.notNull())
      .execute()
  await dialect.protectAudit(db)
}
