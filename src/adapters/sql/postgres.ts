import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { Fault } from '#contract/outcome.ts'
import type { Tables } from '#core/storage/tables.ts'
import { listenForCommits, shareListener } from './commit-listener.ts'
import type { OpenDatabase, OpenOptions } from './open-database.ts'
import { type PostgresAddress, readPostgresAddress } from './postgres-address.ts'
import { clientConfig, graceMs } from './postgres-client.ts'
import { lockClass, postgresDialect } from './postgres-dialect.ts'
import { actForAll } from './postgres-organizations.ts'
import { explainConnection, probe } from './postgres-probe.ts'

const lockTimeoutMs = 5000
const idleInTransactionMs = 60_000
const aloneTimeoutMs = 120_000

/** What every connection is told first, because the server or the user may have other defaults. */
const session = (statementTimeoutMs: number): string =>
  [
    "set timezone to 'UTC'",
    'set datestyle to ISO',
    // A later level would take its view of the data before it has waited for the writers' lock.
    "set default_transaction_isolation to 'read committed'",
    `set statement_timeout to ${statementTimeoutMs}`,
    `set lock_timeout to ${lockTimeoutMs}`,
    `set idle_in_transaction_session_timeout to ${idleInTransactionMs}`,
    actForAll,
  ].join('; ')

/**
 * Opens a PostgreSQL database of version 13 or later, in the schema that its user works in. Throws a Fault that says what to do when it
 * cannot be reached, does not let us in, or does not allow what an instance needs.
 */
export async function openPostgres(dsn: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  const read = readPostgresAddress(dsn)
  if (!read.ok) throw new Fault('validation_error', read.message)
  const address = await probe(read.value)
  const config = clientConfig(address)
  const pool = new pg.Pool({
    ...config,
    // The longest anything waits is for others to bring the database up.
    query_timeout: Math.max(config.query_timeout ?? 0, aloneTimeoutMs + graceMs),
    max: Math.min(address.mostConnections, options.mostConnections ?? address.mostConnections),
    idleTimeoutMillis: 30_000,
  })
  // Whoever uses a connection that breaks is told by the statement, and it is replaced at the next use; without listeners it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (connection) => {
        await connection.executeQuery(CompiledQuery.raw(session(address.statementTimeoutMs)))
      },
    }),
  })
  return {
    db,
    dialect: postgresDialect,
    listen: shareListener((wake) => listenForCommits(config, wake)),
    alone: (work) => alone(address, work),
    isServed: () => isServed(address),
    async close() {
      await db.destroy()
      // The query builder only closes what it has used.
      if (!pool.ended) await pool.end()
    },
  }
}

/** Holds a lock on a connection of its own, which gives it back however this process ends. */
async function alone<T>(address: PostgresAddress, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...clientConfig(address), query_timeout: aloneTimeoutMs + graceMs })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(`set lock_timeout to ${aloneTimeoutMs}; set statement_timeout to 0`)
    await client.query(`select pg_advisory_lock(${lockClass.alone}, hashtext(current_schema()))`)
  } catch (error) {
    await client.end().catch(() => undefined)
    throw explainConnection(address, error)
  }
  try {
    return await work()
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Nodes that serve share a lock, on the connection that they listen on. */
async function isServed(address: PostgresAddress): Promise<boolean> {
  const client = new pg.Client(clientConfig(address))
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ free: boolean }>(
      `select pg_try_advisory_lock(${lockClass.serving}, hashtext(current_schema())) as free`,
    )
    return rows[0]?.free !== true
  } catch (error) {
    throw explainConnection(address, error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
