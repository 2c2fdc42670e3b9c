import { type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import type { SqlDialect } from './dialect.ts'
import type { Tables } from './tables.ts'

/** The layout of the engine's own tables; a database with a higher number was written by a newer version. */
export const schemaVersion = 1

/** Reads a mark; undefined when it was never set. */
export async function readMark(db: Kysely<Tables>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('apigate_meta').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value
}

/** Sets a mark, over an older value. */
export async function writeMark(db: Kysely<Tables>, key: string, value: string): Promise<void> {
  await db
    .insertInto('apigate_meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

/**
 * Takes an empty database as ours, and refuses one that is not: a Fault of one sentence that says what to do when its tables belong
 * to another program or a newer version has changed it. In the transaction that then makes the tables.
 */
export async function checkDatabase(transaction: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const { tables } = await dialect.inspect(transaction)
  if (!tables.has('apigate_meta')) {
    const [stranger] = tables.keys()
    if (stranger !== undefined) {
      const advice = 'point APIGATE_DATABASE_DSN to an empty or new database'
      throw new Fault(
        'internal_error',
        `The database belongs to another program (it has a table ${stranger}): ${advice}.`,
      )
    }
    await transaction.schema
      .createTable('apigate_meta')
      .addColumn('key', sql.raw(dialect.columns.text.type), (column) => column.primaryKey().notNull())
      .addColumn('value', sql.raw(dialect.columns.text.type), (column) => column.notNull())
      .execute()
    await writeMark(transaction, 'schema_version', String(schemaVersion))
    return
  }
  const version = Number(await readMark(transaction, 'schema_version'))
  if (!Number.isInteger(version) || version < 1) {
    const advice = 'restore it from a backup'
    throw new Fault('internal_error', `The database does not say which version wrote it: ${advice}.`)
  }
  if (version > schemaVersion) {
    const advice = 'start that version, or restore a backup from before the upgrade'
    const detail = `layout ${version}, this one knows ${schemaVersion}`
    throw new Fault(
      'internal_error',
      `The database was written by a newer version of APIGate (${detail}): ${advice}.`,
    )
  }
}
