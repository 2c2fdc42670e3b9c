import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { isPostgres, readPostgresAddress, withoutPassword } from '#adapters/sql/postgres-address.ts'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'

/** Everything an instance is told from outside, read once. */
export interface Config {
  /** Database, secrets and journal, unless the database is elsewhere. */
  readonly dataDirectory: string
  /** The path of a SQLite file, or the URL of a PostgreSQL database with its password. */
  readonly databaseDsn: string
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** The gateway's own port; undefined shares `port` with the control plane. */
  readonly gatewayPort: number | undefined
  readonly environment: 'development' | 'production'
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly logFormat: 'json' | 'text'
  /** Folders with module YAML: the product's own, then the user's. */
  readonly moduleDirectories: readonly string[]
  /** Folders with capability YAML: the product's own, then the user's. */
  readonly capabilityDirectories: readonly string[]
  /** What providers may read of the environment: everything but the product's own variables. */
  readonly providerEnvironment: Readonly<Record<string, string>>
  /** How many nodes share the database. */
  readonly nodes: number
  /** Peers whose X-Forwarded-* is believed: addresses or CIDR blocks. */
  readonly trustedProxies: readonly string[]
  /** Pairs of files that make the ports speak HTTPS; empty for HTTP. */
  readonly certificates: readonly { readonly certificate: string; readonly key: string }[]
  readonly isMetricsPublic: boolean
  /** Requests a minute that the control plane takes from one address and from one operator; 0 is no limit. */
  readonly controlRateLimit: number
  /** Origins whose pages may ask the control plane. */
  readonly controlOrigins: readonly string[]
  /** Threads that answer requests of the gateway; 1 needs none of its own. */
  readonly workers: number
  /** Memory for answers that routes keep, over all gateway threads. */
  readonly cacheBytes: number
  /** Development alone: the time of the instance can be moved forward. */
  readonly hasTestClock: boolean
  /** How long requests may finish after a stop signal. */
  readonly drainTimeoutMs: number
  /** Secrets from the environment; what is absent is generated once and kept in the data directory. */
  readonly secrets: {
    readonly jwt: string | undefined
    readonly encryptionKey: string | undefined
    /** Keys of before, which are read until everything is sealed with the one of now. */
    readonly previousEncryptionKeys: readonly string[]
    readonly keyPepper: string | undefined
  }
}

/** What flags of the command line say instead of the environment. */
export interface ConfigOverrides {
  readonly port?: number
  readonly host?: string
  readonly dataDirectory?: string
  readonly databaseDsn?: string
  readonly gatewayPort?: number
  readonly moduleDirectory?: string
  readonly logLevel?: string
  readonly workers?: string
}

const mostWorkers = 64

/** One thread stays free for the control plane, where there are more than two. */
const workersOfMachine = (): number => {
  const threads = availableParallelism()
  return Math.min(threads > 2 ? threads - 1 : threads, mostWorkers)
}

const workers = z
  .string()
  .default('1')
  .transform((text) => (text === 'auto' ? workersOfMachine() : Number(text)))
  .refine(
    (count) => Number.isInteger(count) && count >= 1 && count <= mostWorkers,
    `must be auto, or a number from 1 to ${mostWorkers}`,
  )

export { withoutPassword }

const port = z.coerce.number({ error: 'must be a port from 0 to 65535' }).int().min(0).max(65_535)
const secret = z.string().min(16, 'must have at least 16 characters').optional()
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )

const environment = z.object({
  APIGATE_CACHE_BYTES: z.coerce
    .number({ error: 'must be a number of bytes, 0 or more' })
    .int()
    .min(0)
    .default(64 * 1024 * 1024),
  APIGATE_CONTROL_CORS_ORIGINS: list.refine(
    (origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    'must hold origins such as https://admin.example.com',
  ),
  APIGATE_CONTROL_RATE_LIMIT: z.coerce
    .number({ error: 'must be a number of requests a minute, 0 for no limit' })
    .int()
    .min(0)
    .default(6_000),
  APIGATE_DATABASE_DSN: z.string().optional(),
  APIGATE_DATA_DIR: z.string().default('.apigate'),
  APIGATE_DRAIN_TIMEOUT_MS: z.coerce.number().int().min(0).default(30_000),
  APIGATE_ENCRYPTION_KEY: secret,
  APIGATE_ENCRYPTION_KEY_PREVIOUS: list,
  APIGATE_ENV: z
    .enum(['development', 'production'], 'must be development or production')
    .default('development'),
  APIGATE_GATEWAY_PORT: port.optional(),
  APIGATE_JWT_SECRET: secret,
  APIGATE_KEY_PEPPER: secret,
  APIGATE_LOG_FORMAT: z.enum(['json', 'text'], 'must be json or text').default('json'),
  APIGATE_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
  APIGATE_METRICS_PUBLIC: z.enum(['true', 'false'], 'must be true or false').default('false'),
  APIGATE_MODULES: z.string().optional(),
  APIGATE_NODES: z.coerce
    .number({ error: 'must be a whole number from 1' })
    .int()
    .min(1)
    .max(10_000)
    .default(1),
  APIGATE_SERVER_HOST: z.string().default('0.0.0.0'),
  APIGATE_SERVER_PORT: port.default(8080),
  APIGATE_TEST_CLOCK: z.enum(['1', 'true', '0', 'false'], 'must be 1 or 0').default('0'),
  APIGATE_TLS_CERT: list,
  APIGATE_TLS_KEY: list,
  APIGATE_TRUSTED_PROXIES: list,
  APIGATE_WORKERS: workers,
})

/** The product's own modules, beside the source. */
export const ownModules: string = resolve(import.meta.dirname, '../../modules')
const ownProviders = resolve(import.meta.dirname, '../../providers')
const ownCapabilities = resolve(import.meta.dirname, '../../capabilities')

/** A user's folder holds modules and may hold `providers/` and `capabilities/`. */
const foldersIn = (directory: string | undefined, name: string): readonly string[] =>
  directory !== undefined && existsSync(join(directory, name)) ? [join(directory, name)] : []

/** Reads the environment; what flags say goes before it. Refuses with the variable at fault. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  overrides: ConfigOverrides = {},
): Outcome<Config> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse({
    ...given,
    ...(overrides.logLevel === undefined ? {} : { APIGATE_LOG_LEVEL: overrides.logLevel }),
    ...(overrides.workers === undefined ? {} : { APIGATE_WORKERS: overrides.workers }),
  })
  if (!parsed.success)
    return refuseFields(
      parsed.error.issues.map(
        (issue): FieldProblem => ({ field: issue.path.join('.'), reason: issue.message }),
      ),
    )
  const values = parsed.data
  const dataDirectory = resolve(overrides.dataDirectory ?? values.APIGATE_DATA_DIR)
  const dsn = overrides.databaseDsn ?? values.APIGATE_DATABASE_DSN
  const database = dsn === undefined ? accept(join(dataDirectory, 'apigate.db')) : readDsn(dsn)
  if (!database.ok) return database
  const userModules = overrides.moduleDirectory ?? values.APIGATE_MODULES
  if (values.APIGATE_TLS_CERT.length !== values.APIGATE_TLS_KEY.length)
    return refuseFields([
      { field: 'APIGATE_TLS_KEY', reason: 'must name one file for each file of APIGATE_TLS_CERT' },
    ])
  const hasTestClock = ['1', 'true'].includes(values.APIGATE_TEST_CLOCK)
  const clockProblem = hasTestClock ? testClockProblem(values) : undefined
  if (clockProblem !== undefined) return refuseFields([clockProblem])
  const moduleDirectory = userModules === undefined ? undefined : resolve(userModules)
  return accept({
    dataDirectory,
    databaseDsn: database.value,
    host: overrides.host ?? values.APIGATE_SERVER_HOST,
    port: overrides.port ?? values.APIGATE_SERVER_PORT,
    gatewayPort: overrides.gatewayPort ?? values.APIGATE_GATEWAY_PORT,
    environment: values.APIGATE_ENV,
    logLevel: values.APIGATE_LOG_LEVEL,
    logFormat: values.APIGATE_LOG_FORMAT,
    moduleDirectories: [
      ownModules,
      ownProviders,
      ...(moduleDirectory === undefined ? [] : [moduleDirectory, ...foldersIn(moduleDirectory, 'providers')]),
    ],
    capabilityDirectories: [ownCapabilities, ...foldersIn(moduleDirectory, 'capabilities')],
    providerEnvironment: providerEnvironment(given),
    nodes: values.APIGATE_NODES,
    trustedProxies: values.APIGATE_TRUSTED_PROXIES,
    certificates: values.APIGATE_TLS_CERT.map((certificate, index) => ({
      certificate: resolve(certificate),
      key: resolve(values.APIGATE_TLS_KEY[index] ?? ''),
    })),
    controlRateLimit: values.APIGATE_CONTROL_RATE_LIMIT,
    controlOrigins: values.APIGATE_CONTROL_CORS_ORIGINS,
    isMetricsPublic: values.APIGATE_METRICS_PUBLIC === 'true',
    workers: values.APIGATE_WORKERS,
    cacheBytes: values.APIGATE_CACHE_BYTES,
    hasTestClock,
    drainTimeoutMs: values.APIGATE_DRAIN_TIMEOUT_MS,
    secrets: {
      jwt: values.APIGATE_JWT_SECRET,
      encryptionKey: values.APIGATE_ENCRYPTION_KEY,
      previousEncryptionKeys: values.APIGATE_ENCRYPTION_KEY_PREVIOUS,
      keyPepper: values.APIGATE_KEY_PEPPER,
    },
  })
}

/** Time can be moved where all of an instance is one process that nobody relies on. */
function testClockProblem(values: {
  readonly APIGATE_ENV: string
  readonly APIGATE_WORKERS: number
  readonly APIGATE_NODES: number
}): FieldProblem | undefined {
  const field = 'APIGATE_TEST_CLOCK'
  if (values.APIGATE_ENV === 'production') return { field, reason: 'cannot be used in production' }
  if (values.APIGATE_WORKERS > 1 || values.APIGATE_NODES > 1)
    return { field, reason: 'goes with one worker and one node' }
  return undefined
}

const providerEnvironment = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => {
      const [name, value] = pair
      return value !== undefined && !name.startsWith('APIGATE_')
    }),
  )

/** A path as it stands on this machine, or a URL that names a kind of database we know. */
function readDsn(dsn: string): Outcome<string> {
  const field = 'APIGATE_DATABASE_DSN'
  if (isPostgres(dsn)) {
    const address = readPostgresAddress(dsn)
    return address.ok ? accept(dsn) : address
  }
  if (/^[a-z]+:\/\//i.test(dsn))
    return refuseFields([{ field, reason: 'must be the path of a SQLite file, or begin with postgres://' }])
  return accept(resolve(dsn))
}
