import { lookup } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import pg from 'pg'
import { Fault } from '#contract/outcome.ts'
import { isPrivateAddress } from '../../http/private-address.ts'
import { isPostgres, type PostgresAddress, readPostgresAddress } from '../../sql/postgres-address.ts'
import { clientConfig } from '../../sql/postgres-client.ts'
import { sqliteConnection } from '../../sql/sqlite-connection.ts'

/** Tables of somebody else: their names and columns are known only when they are looked at. */
export interface SourceTables {
  [table: string]: Record<string, unknown>
}

const busyTimeoutMs = 5000
const mostConnections = 2
const oids = { int8: 20, int2: 21, int4: 23, json: 114, jsonb: 3802, float4: 700, float8: 701, bool: 16 }

/** Values as JSON can carry them without loss: what a number cannot hold exactly stays text, times become ISO 8601. */
function parserOf(oid: number): (text: string) => unknown {
  if (oid === oids.bool) return (text) => text === 't'
  if (oid === oids.json || oid === oids.jsonb) return (text) => JSON.parse(text) as unknown
  if (oid === oids.int2 || oid === oids.int4 || oid === oids.float4 || oid === oids.float8)
    return (text) => (Number.isFinite(Number(text)) ? Number(text) : text)
  if (oid === oids.int8) return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text)
  if (oid === pg.types.builtins.TIMESTAMPTZ) return (text) => text.replace(' ', 'T').replace(/\+00$/, 'Z')
  return (text) => text
}

/** The address to connect to: found once, so that nothing else is connected to than what was checked. */
async function pinned(address: PostgresAddress, allowsPrivate: boolean): Promise<string> {
  if (allowsPrivate) return address.host
  const found = address.host.startsWith('/') ? [] : await lookup(address.host, { all: true })
  const open = found.find((one) => !isPrivateAddress(one.address))
  if (open !== undefined) return open.address
  throw new Fault(
    'service_unavailable',
    'the database is at a private address: set data_source.database.allow_private to true',
  )
}

async function openServer(
  dsn: string,
  allowsPrivate: boolean,
  mayWrite: boolean,
): Promise<Kysely<SourceTables>> {
  const address = readPostgresAddress(dsn)
  if (!address.ok) throw new Fault('service_unavailable', address.message)
  const host = await pinned(address.value, allowsPrivate)
  const config = clientConfig(address.value)
  const { tls } = address.value
  const name = address.value.host
  const pool = new pg.Pool({
    ...config,
    host,
    // The certificate is the name's, whatever address it was found at.
    ssl: tls === undefined ? false : { ...tls, ...(isIP(name) === 0 ? { servername: name } : {}) },
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    max: mostConnections,
    idleTimeoutMillis: 30_000,
  })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const access = mayWrite ? 'read write' : 'read only'
  const session = [
    "set timezone to 'UTC'",
    'set datestyle to ISO',
    `set session characteristics as transaction ${access}`,
    `set statement_timeout to ${address.value.statementTimeoutMs}`,
  ].join('; ')
  return new Kysely<SourceTables>({
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (connection) => {
        await connection.executeQuery(CompiledQuery.raw(session))
      },
    }),
  })
}

function openFile(path: string, mayWrite: boolean): Kysely<SourceTables> {
  // It would be made otherwise, and a wrong path would look like an empty database.
  if (!existsSync(path)) throw new Fault('service_unavailable', 'there is no such database file')
  const database = new DatabaseSync(path, { readOnly: !mayWrite, timeout: busyTimeoutMs })
  return new Kysely<SourceTables>({ dialect: new SqliteDialect({ database: sqliteConnection(database) }) })
}

/**
 * Opens the database of a source for reading, or for writing where that is allowed: the connection itself refuses to write otherwise. A
 * server at a private address is refused unless the operator lets it be reached.
 */
export async function openSourceDatabase(options: {
  readonly dsn: string
  readonly mayWrite: boolean
  readonly allowsPrivate: boolean
}): Promise<Kysely<SourceTables>> {
  const { dsn, mayWrite, allowsPrivate } = options
  return isPostgres(dsn) ? openServer(dsn, allowsPrivate, mayWrite) : openFile(resolve(dsn), mayWrite)
}
