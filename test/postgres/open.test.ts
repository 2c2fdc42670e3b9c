import { resolve } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrate } from '#adapters/sql/migrate.ts'
import { openDatabase } from '#adapters/sql/open-database.ts'
import { postgresDialect } from '#adapters/sql/postgres-dialect.ts'
import { adminClient, emptySchema } from '#test/support/postgres/schema.ts'

const certificate = resolve(import.meta.dirname, '../fixtures/upstream-tls/certificate.pem')

async function address(change: (url: URL) => void = () => undefined): Promise<string> {
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  const changed = new URL(url)
  change(changed)
  return changed.href
}

/** A user that comes in by password alone; what it owns goes with it. */
async function guardedUser(): Promise<void> {
  const admin = await adminClient()
  await admin.query("create role guarded login password 'p@ss word'")
  onTestFinished(async () => {
    await admin.query('drop owned by guarded; drop role guarded')
    await admin.end()
  })
}

async function openFor(url: string) {
  const database = await openDatabase(url)
  onTestFinished(database.close)
  return database
}

const encrypted = async ({ db }: Awaited<ReturnType<typeof openFor>>): Promise<unknown> => {
  const { rows } = await sql<{
    ssl: boolean
  }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(db)
  return rows[0]?.ssl
}

describe('a database that cannot be used is refused with what to do, and without its password', () => {
  const cases: [what: string, change: (url: URL) => void, said: RegExp][] = [
    [
      'nobody listens',
      (url) => {
        url.port = '1'
      },
      /cannot be reached \(ECONNREFUSED\): check host and port/,
    ],
    [
      'it does not exist',
      (url) => {
        url.pathname = '/nowhere'
      },
      /nowhere does not exist: make it, for example with createdb nowhere/,
    ],
    [
      'the schema does not exist',
      (url) => {
        url.searchParams.set('options', '-c search_path=nowhere')
      },
      /has no schema that this user works in/,
    ],
    [
      'the certificate is signed by nobody we know',
      (url) => {
        url.searchParams.set('sslmode', 'verify-ca')
      },
      /certificate that is not trusted \(self-signed certificate.*sslrootcert/,
    ],
    [
      'the certificate is for another name',
      (url) => {
        url.searchParams.set('sslmode', 'verify-full')
        url.searchParams.set('sslrootcert', certificate)
      },
      /certificate that is not trusted .*127\.0\.0\.1.*use the name that the certificate has/,
    ],
    [
      'a parameter is misspelled',
      (url) => {
        url.searchParams.set('pool_mx', '3')
      },
      /parameter "pool_mx" that is not known: known are .*pool_max/,
    ],
  ]
  test.each(cases)('%s', async (_what, change, said) => {
    const url = await address((one) => {
      one.password = 'very-secret'
      change(one)
    })
    const error: Error = await openDatabase(url).then(
      () => new Error('it was opened'),
      (refused) => refused,
    )
    expect(error.message).toMatch(said)
    expect(error.message).not.toContain('very-secret')
  })

  test('the password is wrong', async () => {
    await guardedUser()
    const url = await address((one) => {
      one.username = 'guarded'
      one.password = 'very-secret'
    })
    await expect(openDatabase(url)).rejects.toThrow(
      /does not let the user guarded in: check user and password/,
    )
  })

  test('the user may not make tables; a password with signs in it is read right', async () => {
    await guardedUser()
    const url = await address((one) => {
      one.username = 'guarded'
      one.password = encodeURIComponent('p@ss word')
    })
    const schema = /search_path=(\w+)/.exec(decodeURIComponent(url))?.[1]
    const admin = await adminClient()
    await admin.query(`grant usage on schema ${schema} to guarded`)
    await admin.end()
    await expect(openDatabase(url)).rejects.toThrow(
      new RegExp(
        `does not let this user make tables in the schema ${schema}: grant create on schema ${schema}`,
      ),
    )
  })
})

describe('TLS', () => {
  test.each([
    ['is used where the server has it', (_url: URL) => undefined, true],
    ['is left out where the URL says so', (url: URL) => url.searchParams.set('sslmode', 'disable'), false],
    [
      'is checked against the authority that the URL names',
      (url: URL) => {
        url.hostname = 'localhost'
        url.searchParams.set('sslmode', 'verify-full')
        url.searchParams.set('sslrootcert', certificate)
      },
      true,
    ],
  ])('%s', async (_what, change, isEncrypted) => {
    const url = await address((one) => {
      one.searchParams.delete('sslmode')
      change(one)
    })
    expect(await encrypted(await openFor(url))).toBe(isEncrypted)
  })
})

test('what the session relies on holds whatever the user or the database have as their default', async () => {
  const url = await address((one) => {
    const options = `${one.searchParams.get('options')} -c timezone=Asia/Tokyo -c default_transaction_isolation=serializable -c statement_timeout=1h`
    one.searchParams.set('options', options)
    one.searchParams.set('statement_timeout', '1500')
  })
  const { db } = await openFor(url)
  const { rows } =
    await sql`select current_setting('timezone') as zone, current_setting('statement_timeout') as most,
    current_setting('default_transaction_isolation') as isolation`.execute(db)
  expect(rows).toEqual([{ zone: 'UTC', most: '1500ms', isolation: 'read committed' }])
})

test('another program’s tables in other schemas are not looked at', async () => {
  const admin = await adminClient()
  await admin.query(
    'create schema if not exists strangers; create table if not exists strangers.plans (a int)',
  )
  onTestFinished(async () => {
    await admin.query('drop schema strangers cascade')
    await admin.end()
  })
  const { db, dialect } = await openFor(await address())
  expect((await dialect.inspect(db)).tables.size).toBe(0)
})

test('a number that JavaScript cannot hold is an error, never another number', async () => {
  const { db } = await openFor(await address())
  const read = (text: string) => sql<{ n: number }>`select ${sql.raw(text)}::bigint as n`.execute(db)
  expect((await read('9007199254740991')).rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }])
  await expect(read('9007199254740993')).rejects.toThrow(/9007199254740993, which is too large/)
})

test('a database that cannot work right now is told apart from a fault of ours', async () => {
  const { db } = await openFor(await address())
  const codeOf = async (work: () => Promise<unknown>) =>
    postgresDialect.violation(await work().catch((error: unknown) => error))
  await sql`create table notes (a text)`.execute(db)
  expect(await codeOf(() => sql`select no_such_column`.execute(db))).toBeUndefined()
  const readOnly = () =>
    db
      .transaction()
      .setAccessMode('read only')
      .execute((one) => sql`insert into notes values ('x')`.execute(one))
  expect(await codeOf(readOnly)).toEqual({ kind: 'unavailable', reason: 'it can only be read' })
  const ended = () => sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
  expect(await codeOf(ended)).toMatchObject({ kind: 'unavailable' })
})

test('an instance looks at its own schema alone: tables of another one on the same database mislead no migration', async () => {
  const migrations = resolve(import.meta.dirname, '../../migrations')
  const other = await openFor(await address())
  await sql`create table webhook_deliveries (id text)`.execute(other.db)
  const ours = await openFor(await address())
  const done = await migrate(ours.db, migrations, new Date('2026-11-21T00:00:00Z'))
  expect(done.length).toBeGreaterThan(5)
})
