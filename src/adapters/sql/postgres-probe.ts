import pg from 'pg'
import { Fault } from '#contract/outcome.ts'
import type { PostgresAddress } from './postgres-address.ts'
import { clientConfig } from './postgres-client.ts'

const oldestVersion = 130_000

interface Facts {
  readonly version: number
  readonly encoding: string
  readonly schema: string | null
  readonly may_create: boolean | null
  readonly is_standby: boolean
}

const question = `
  select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
    current_schema() as schema, has_schema_privilege(current_schema(), 'CREATE') as may_create,
    pg_is_in_recovery() as is_standby`

/** Why a connection could not be made, as one sentence with what to do. The password stays out of it. */
export function explainConnection(address: PostgresAddress, error: unknown): Fault {
  if (error instanceof Fault) return error
  const { code = '', message } = error as Error & { code?: string }
  const at = `The database ${address.label}`
  const say = (what: string, advice: string) =>
    new Fault('service_unavailable', `${at} ${what}: ${advice}.`, { cause: error })
  if (code === '28P01' || code === '28000')
    return say(
      `does not let the user ${address.user ?? ''} in`.replace('user  in', 'user in'),
      'check user and password in APIGATE_DATABASE_DSN, and pg_hba.conf',
    )
  if (code === '3D000') return say('does not exist', `make it, for example with createdb ${address.database}`)
  if (code === '53300') return say('has no free connection', 'raise its max_connections, or lower pool_max')
  if (code === '57P03') return say('is starting or stopping', 'try again in a moment')
  if (/does not support SSL/.test(message))
    return say('has no TLS', 'turn it on there, or say sslmode=disable in the URL')
  if (/certificate|self.signed|altnames|SSL|TLS/i.test(`${code} ${message}`))
    return say(
      `shows a certificate that is not trusted (${message})`,
      'give the right authority as sslrootcert, or use the name that the certificate has',
    )
  if (/password/.test(message))
    return say('asks for a password', 'add it to the URL, after the user and a colon')
  return say(`cannot be reached (${code === '' ? message : code})`, 'check host and port, and that it runs')
}

function checkFacts(address: PostgresAddress, facts: Facts): void {
  const refuse = (what: string, advice: string): never => {
    throw new Fault('internal_error', `The database ${address.label} ${what}: ${advice}.`)
  }
  if (facts.version < oldestVersion)
    refuse(`is PostgreSQL ${Math.floor(facts.version / 10_000)}`, 'version 13 or later is needed')
  if (facts.encoding !== 'UTF8')
    refuse(`keeps text as ${facts.encoding}`, 'make a database with encoding UTF8')
  if (facts.is_standby) refuse('is a standby, which can only be read', 'name the primary')
  if (facts.schema === null)
    refuse('has no schema that this user works in', 'make one, or set its search_path')
  if (facts.may_create === false)
    refuse(
      `does not let this user make tables in the schema ${facts.schema}`,
      `grant create on schema ${facts.schema} to it, or make it the owner of the database`,
    )
}

/** Connects once, and answers the address with what was found out about TLS. Throws a Fault where the database cannot serve an instance. */
export async function probe(address: PostgresAddress): Promise<PostgresAddress> {
  const client = new pg.Client(clientConfig(address))
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<Facts>(question)
    if (rows[0] !== undefined) checkFacts(address, rows[0])
    return address
  } catch (error) {
    if (
      address.mayFallBack &&
      address.tls !== undefined &&
      /does not support SSL/.test((error as Error).message)
    )
      return await probe({ ...address, tls: undefined })
    throw explainConnection(address, error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
