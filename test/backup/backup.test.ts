import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createBuiltinSearch } from '#adapters/provider/search/builtin.ts'
import type { OpenDatabase } from '#adapters/sql/open-database.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { makeDataFolder, runApigate } from '../cli/run-apigate.ts'
import { makeCustomer, makeRoute } from '../support/customer.ts'
import { startHouse, type TestHouse } from '../support/start-house.ts'

/** What was used in a month is counted on in it, however long a backup takes. */
const clock = frozenClock()
let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

const secretNames = ['APIGATE_ENCRYPTION_KEY', 'APIGATE_JWT_SECRET', 'APIGATE_KEY_PEPPER']
const secrets = Object.fromEntries(secretNames.map((name) => [name, `${name} of these tests`]))

interface Filled {
  readonly house: TestHouse
  readonly key: string
  readonly env: Record<string, string>
}

/** An instance that serves, with a customer, a stored secret, and usage. */
async function startFilled(database: Record<string, string>): Promise<Filled> {
  const env = { ...secrets, ...database }
  const house = await startHouse({ env, clock })
  await makeRoute(
    house,
    upstream.url,
    {},
    { auth_type: 'bearer', auth_config: 'the upstream’s own token' },
  ).catch(() => makeRoute(house, upstream.url))
  const { key } = await makeCustomer(house)
  const { db, dialect } = house.running.house.database
  await searchIn(db, dialect).put?.({
    collection: 'notes',
    document_id: 'n1',
    title: 'Weather in Lagos',
    text: 'sun',
  })
  for (let turn = 0; turn < 10; turn += 1)
    expect((await fetch(`${house.url}/x`, { headers: { 'x-api-key': key } })).status).toBe(200)
  return { house, key, env }
}

async function databaseOf(kind: string): Promise<Record<string, string>> {
  if (kind === 'SQLite') return {}
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  return { APIGATE_DATABASE_DSN: url }
}

function folder(): string {
  const made = makeDataFolder()
  onTestFinished(made.remove)
  return made.path
}

/** The built-in search of a database. */
function searchIn(db: OpenDatabase['db'], dialect: OpenDatabase['dialect']) {
  const opened = createBuiltinSearch({ db, dialect })({ settings: {} } as never)
  return (opened as { actions: ProviderActions<'search'> }).actions
}

/** What can be seen of an instance from outside, and what it has counted. */
async function pictureOf(house: TestHouse): Promise<unknown> {
  const lists = [
    'plans',
    'users',
    'organizations',
    'api_keys',
    'subscriptions',
    'routes',
    'upstreams',
    'settings',
  ]
  const records = await Promise.all(lists.map((name) => house.api('GET', `/api/${name}?limit=100&sort=id`)))
  const events = await house.usageEvents()
  const { db, dialect } = house.running.house.database
  const found = await searchIn(db, dialect).query?.({ collection: 'notes', text: 'lagos' })
  expect(found).toMatchObject({ ok: true, value: { total: 1 } })
  // When a key was used last is written some seconds after the call.
  const lasting = records.map(({ body }) =>
    body.data.map((row: Record<string, unknown>) => ({ ...row, last_used: undefined })),
  )
  return { records: lasting, events }
}

const restored = (env: Record<string, string>, dataDirectory: string, token: string) =>
  startHouse({ env, token, clock, overrides: { dataDirectory } })

describe.each([
  ['SQLite', 'PostgreSQL'],
  ['PostgreSQL', 'SQLite'],
])('a backup of %s that is restored on %s', (from, to) => {
  it('is taken while the server runs and holds all of it, usage that was only journalled included', async () => {
    const { house, key, env } = await startFilled(await databaseOf(from))
    const cwd = folder()
    const made = await runApigate(['backup', 'all.backup', '--data', house.dataDirectory], { cwd, env })
    expect(made).toMatchObject({ exitCode: 0, err: '' })
    const before = await pictureOf(house)
    await house.close()

    const target = { ...secrets, ...(await databaseOf(to)) }
    const data = folder()
    const done = await runApigate(['restore', 'all.backup', '--data', data], { cwd, env: target })
    expect(done).toMatchObject({ exitCode: 0, err: '' })
    const again = await restored(target, data, house.token)
    expect(await pictureOf(again)).toEqual(before)
    const answer = await fetch(`${again.url}/x`, { headers: { 'x-api-key': key } })
    expect([answer.status, answer.headers.get('x-quota-used')]).toEqual([200, '11'])
    // Numbers go on where they ended: a new event must not take an old one's place.
    await again.create('plans', { name: 'after' })
    await again.close()
  })
})

describe('a restore', () => {
  let house: TestHouse
  let home: ReturnType<typeof makeDataFolder>
  const cwd = (): string => home.path
  const env = secrets
  beforeAll(async () => {
    home = makeDataFolder()
    house = (await startFilled({})).house
    await runApigate(['backup', 'all.backup', '--data', house.dataDirectory], { cwd: cwd(), env })
  })
  afterAll(() => {
    rmSync(house.dataDirectory, { recursive: true, force: true })
    home.remove()
  })

  it('is refused while a server runs, and on a database that has records unless it may replace them', async () => {
    const run = (...more: string[]) =>
      runApigate(['restore', 'all.backup', '--data', house.dataDirectory, ...more], { cwd: cwd(), env })
    expect(await run('--force')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Another APIGate server is using'),
    })
    await house.create('plans', { name: 'made after the backup' })
    await house.running.close()
    expect(await run()).toMatchObject({ exitCode: 1, err: expect.stringContaining('not empty') })
    expect(await run('--force')).toMatchObject({ exitCode: 0, err: '' })
    const again = await restored(env, house.dataDirectory, house.token)
    expect((await again.api('GET', '/api/plans/made after the backup')).status).toBe(404)
    await again.close()
  })

  it('is refused with other secrets than the backup was made with, and leaves the database empty', async () => {
    const data = folder()
    const wrong = { ...env, APIGATE_ENCRYPTION_KEY: 'another key than before' }
    const refused = await runApigate(['restore', 'all.backup', '--data', data], { cwd: cwd(), env: wrong })
    expect(refused).toMatchObject({ exitCode: 70, err: expect.stringContaining('secrets are not those') })
    const database = new DatabaseSync(join(data, 'apigate.db'))
    expect(database.prepare('select count(*) as n from plans').get()).toEqual({ n: 0 })
    database.close()
    expect((await runApigate(['restore', 'all.backup', '--data', data], { cwd: cwd(), env })).exitCode).toBe(
      0,
    )
  })

  it.each<[what: string, change: (text: string) => string, said: RegExp]>([
    ['is cut short', (text) => text.slice(0, text.lastIndexOf('{"end"')), /damaged \(its end is missing\)/],
    [
      'has another value in one row',
      (text) => text.replace('"pro"', '"prp"'),
      /damaged \(plans has other values\)/,
    ],
    [
      'is from a newer version',
      (text) => text.replace('"apigate_backup":1', '"apigate_backup":2'),
      /newer version/,
    ],
    ['is something else', () => '{"hello":1}\n', /damaged or no backup/],
  ])(
    'of a file that %s is refused and changes nothing; --check says so beforehand',
    async (_what, change, said) => {
      const text = gunzipSync(readFileSync(join(cwd(), 'all.backup'))).toString()
      const path = join(folder(), 'changed.backup')
      expect(change(text)).not.toBe(text)
      writeFileSync(path, gzipSync(change(text)))
      for (const flag of ['--check', '--force']) {
        const refused = await runApigate(['restore', path, flag, '--data', folder()], { cwd: cwd(), env })
        expect(refused.exitCode).toBe(1)
        expect(refused.err).toMatch(said)
      }
    },
  )

  it('is made of a whole file: a backup never takes the place of one that is there, and --check reads it', async () => {
    const again = await runApigate(['backup', 'all.backup', '--data', house.dataDirectory], {
      cwd: cwd(),
      env,
    })
    expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining('is there already') })
    const checked = await runApigate(['restore', 'all.backup', '--check'], { cwd: cwd(), env })
    expect(checked).toMatchObject({ exitCode: 0, err: '' })
  })
})

describe('migrate', () => {
  it('moves an instance from SQLite to PostgreSQL, which goes on with its keys, secrets and counters', async () => {
    const { house, key } = await startFilled({})
    const before = await pictureOf(house)
    const { url, remove } = await emptySchema()
    onTestFinished(remove)
    const cwd = folder()
    const move = () =>
      runApigate(['migrate', '--to', url, '--data', house.dataDirectory], { cwd, env: secrets })
    expect(await move()).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Another APIGate server'),
    })
    await house.running.close()
    const moved = await move()
    expect(moved).toMatchObject({ exitCode: 0, err: '' })
    expect(moved.out).toMatch(/usage_rollups +\d+ {2}requests 30 {2}units 30/)
    expect(await move(), 'a second time').toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('not empty'),
    })

    const env = { ...secrets, APIGATE_DATABASE_DSN: url }
    const again = await restored(env, house.dataDirectory, house.token)
    expect(await pictureOf(again)).toEqual(before)
    const answer = await fetch(`${again.url}/x`, { headers: { 'x-api-key': key } })
    expect([answer.status, answer.headers.get('x-quota-used')]).toEqual([200, '11'])
    await runApigate(['backup', 'moved.backup', '--data', house.dataDirectory], { cwd, env })
    const served = await runApigate(['restore', 'moved.backup', '--force', '--data', folder()], { cwd, env })
    expect(served).toMatchObject({ exitCode: 1, err: expect.stringContaining('Servers are running') })
    await again.close()
    rmSync(house.dataDirectory, { recursive: true })
  })

  it.each(['SQLite', 'PostgreSQL'])('on %s says what would change, and changes nothing', async (kind) => {
    const env = await databaseOf(kind)
    const cwd = folder()
    const run = (...more: string[]) => runApigate(['migrate', ...more], { cwd, env })
    const tried = await run('--dry-run')
    expect(tried).toMatchObject({ exitCode: 2, err: '' })
    expect(tried.out).toContain('table plans created')
    expect(tried.out).toContain('migration 20261120T0900_usage')
    expect((await run('--dry-run')).out).toBe(tried.out)
    expect(await run()).toMatchObject({ exitCode: 0, err: '' })
    expect(await run('--dry-run')).toMatchObject({ exitCode: 0, err: '' })
  })
})
