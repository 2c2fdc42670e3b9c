import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { z } from 'zod'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'

/** Where a PostgreSQL database is and how to talk to it, from its URL. */
export interface PostgresAddress {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly options: string | undefined
  /** Undefined without TLS. */
  readonly tls: ConnectionOptions | undefined
  /** True where TLS is tried first, and plain text taken when the server has none. */
  readonly mayFallBack: boolean
  readonly mostConnections: number
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
  /** The address without its password, for messages. */
  readonly label: string
}

const mostPool = 500

const parameters = z.strictObject({
  host: z.string().optional(),
  options: z.string().optional(),
  connect_timeout: z.coerce.number().int().min(1).max(300).default(5),
  pool_max: z.coerce.number().int().min(2).max(mostPool).default(10),
  statement_timeout: z.coerce.number().int().min(100).max(3_600_000).default(30_000),
  sslmode: z.enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']).default('prefer'),
  sslrootcert: z.string().optional(),
  sslcert: z.string().optional(),
  sslkey: z.string().optional(),
})

/** True for the URL of a PostgreSQL database; everything else is the path of a SQLite file. */
export const isPostgres = (dsn: string): boolean => /^postgres(?:ql)?:\/\//i.test(dsn)

/** A DSN as it may stand in messages and logs: a URL without its password, a path as it is. */
export function withoutPassword(dsn: string): string {
  if (!isPostgres(dsn)) return dsn
  const address = readPostgresAddress(dsn, () => '')
  return address.ok ? address.value.label : 'the PostgreSQL database'
}

const problem = (reason: string) =>
  refuse('validation_error', `The database URL ${reason}`, { field: 'APIGATE_DATABASE_DSN', reason })

/** Reads the URL; refuses what it does not know by its name, and never repeats the password. */
export function readPostgresAddress(
  dsn: string,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Outcome<PostgresAddress> {
  const url = URL.parse(dsn)
  if (url === null) return problem('cannot be read: write postgres://user:password@host:5432/database')
  const parsed = parameters.safeParse(Object.fromEntries(url.searchParams))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : String(issue?.path[0])
    const known = Object.keys(parameters.shape).join(', ')
    return problem(
      issue?.code === 'unrecognized_keys'
        ? `has a parameter "${name}" that is not known: known are ${known}`
        : `has a wrong ${name}: ${issue?.message}`,
    )
  }
  const given = parsed.data
  let tls: ConnectionOptions | undefined
  const host = given.host ?? decodeURIComponent(url.hostname)
  const isSocket = host.startsWith('/')
  try {
    tls = isSocket ? undefined : tlsOf(given, readFile)
  } catch (error) {
    return problem(`names a certificate that cannot be read: ${(error as Error).message}`)
  }
  let names: readonly [user: string, password: string, database: string]
  try {
    names = [url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent) as [
      string,
      string,
      string,
    ]
  } catch {
    return problem('has a % that begins no escape: write it as %25')
  }
  const [user, password, database] = names
  if (database === '')
    return problem('names no database: add it after the host, as in postgres://host/apigate')
  const port = url.port === '' ? 5432 : Number(url.port)
  return accept({
    host: host === '' ? 'localhost' : host,
    port,
    database,
    user: user === '' ? undefined : user,
    password: password === '' ? undefined : password,
    options: given.options,
    tls,
    mayFallBack: given.sslmode === 'prefer',
    mostConnections: given.pool_max,
    statementTimeoutMs: given.statement_timeout,
    connectTimeoutMs: given.connect_timeout * 1000,
    label: `postgres://${user === '' ? '' : `${user}@`}${host === '' ? 'localhost' : host}:${port}/${database}`,
  })
}

/** The modes of libpq: `require` encrypts, `verify-ca` also checks who signed, `verify-full` also the host's name. */
function tlsOf(
  given: z.infer<typeof parameters>,
  readFile: (path: string) => string,
): ConnectionOptions | undefined {
  if (given.sslmode === 'disable') return undefined
  const isVerified = given.sslmode.startsWith('verify') || given.sslrootcert !== undefined
  return {
    rejectUnauthorized: isVerified,
    ...(given.sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(given.sslrootcert === undefined ? {} : { ca: readFile(given.sslrootcert) }),
    ...(given.sslcert === undefined ? {} : { cert: readFile(given.sslcert) }),
    ...(given.sslkey === undefined ? {} : { key: readFile(given.sslkey) }),
  }
}
