import type pg from 'pg'
import type { PostgresAddress } from './postgres-address.ts'
import { valueTypes } from './postgres-values.ts'

/** A server that does not even say that it gave up is not waited for much longer than one that does. */
export const graceMs = 5000

/** How a connection is made: the same for the pool and for those that stand alone. */
export function clientConfig(address: PostgresAddress): pg.ClientConfig {
  return {
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    options: address.options,
    ssl: address.tls ?? false,
    keepAlive: true,
    connectionTimeoutMillis: address.connectTimeoutMs,
    query_timeout: address.statementTimeoutMs + graceMs,
    application_name: 'apigate',
    types: valueTypes,
  }
}
