import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Kysely, sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

let house: TestHouse | undefined
afterEach(async () => {
  await house?.close()
  house = undefined
})

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const program = resolve(import.meta.dirname, '../../bin/apigate')

/** Kills its own process hard as soon as it tells that the first secrets are sealed again. */
const killing = `import process from 'node:process'
process.stderr.write = (text) => /sealed again/.test(text) && process.kill(process.pid, 'SIGKILL')`

/** Runs the command beside the server; with `isKilled` it is killed in the middle. */
async function rotate(
  { dataDirectory, databaseEnv }: TestHouse,
  options: { isKilled?: boolean; env?: Record<string, string> } = {},
): Promise<{ code: number | null; lines: string[] }> {
  const command = 'exec "$0" keys rotate-encryption --data "$1" 2>&1'
  const killed = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(killing)}` }
  const child = spawn('sh', ['-c', command, program, dataDirectory], {
    env: { ...process.env, ...databaseEnv, ...options.env, ...(options.isKilled ? killed : {}) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  for await (const line of createInterface(child.stdout)) lines.push(line)
  return { code: await ended, lines }
}

const keysOf = ({ dataDirectory }: TestHouse) =>
  JSON.parse(readFileSync(join(dataDirectory, 'secrets.json'), 'utf8')) as {
    encryption_key: string
    previous_encryption_keys?: string[]
  }

/** Every text of every table that is sealed with a key, wherever it is. */
async function sealedWith({ running }: TestHouse, key: string): Promise<string[]> {
  const prefix = createCipher(Buffer.from(key, 'hex')).activePrefix()
  const { db, dialect } = running.house.database
  const found: string[] = []
  for (const [table, columns] of (await dialect.inspect(db)).tables)
    for (const { name, dataType } of columns) {
      if (dialect.kindOf(dataType) !== 'text') continue
      const { rows } = await sql<{ count: unknown }>`
        select count(*) as count from ${sql.table(table)} where ${sql.ref(name)} like ${`%${prefix}%`}`.execute(
        db,
      )
      if (Number(rows[0]?.count) > 0) found.push(`${table}.${name}`)
    }
  return found
}

/** An instance with many stored secrets; written before it serves, because a server looks at each of them. */
async function startWithSecrets(count: number): Promise<TestHouse> {
  const first = await startHouse()
  const { dataDirectory, token } = first
  const { config } = first.running.house
  await first.running.close()
  const closed = await openHouse(config, { log: quiet })
  const many = Array.from({ length: count }, (_, index) => ({
    actor: systemActor,
    requestId: 'r',
    module: 'setting',
    action: 'create',
    input: { key: `test.secret_${index}`, secret_value: `hush ${index}` },
  }))
  expect((await closed.engine.invokeAll(many)).ok).toBe(true)
  await closed.close()
  return startHouse({ overrides: { dataDirectory }, token })
}

test('a rotation seals everything again while the server goes on, wherever it is killed, and forgets the former key at its end', async () => {
  house = await startWithSecrets(2_000)
  const { engine } = house.running.house
  const once = await house.api(
    'POST',
    '/api/operator_tokens',
    { name: 'ci', role: 'support' },
    {
      'idempotency-key': 'before-the-rotation',
    },
  )
  const former = keysOf(house).encryption_key
  const waiting = (text: string) => ({
    id: 'job_waiting',
    name: 'email.send',
    payload: JSON.stringify({ template: 'none', digest: 'none', sealed: text }),
    state: 'dead',
    due_at: 0,
    attempt: 1,
    attempts: 1,
    created_at: 0,
    updated_at: house?.running.house.clock.now() ?? 0,
  })
  const { database, cipher } = house.running.house
  const jobs = database.db as never as Kysely<{ jobs: ReturnType<typeof waiting> }>
  await jobs
    .insertInto('jobs')
    .values(waiting(cipher.seal('a mail', 'job.email.send')))
    .execute()

  let isWriting = true
  let written = 0
  const writer = async (start: TestHouse): Promise<void> => {
    while (isWriting) {
      const answer = await start.api('PATCH', `/api/settings/test.secret_${written % 50}`, {
        secret_value: `later ${written % 50}`,
      })
      expect(answer.status).toBe(200)
      written += 1
    }
  }
  const writing = writer(house)
  writing.catch(() => undefined)
  expect((await rotate(house, { isKilled: true })).code).toBeNull()
  const next = keysOf(house)
  expect(next.previous_encryption_keys).toEqual([former])
  const last = await rotate(house)
  isWriting = false
  await writing
  expect(last.lines).toContain('An earlier rotation was broken off: going on with it.')
  expect(last.code).toBe(0)

  expect(keysOf(house)).toMatchObject({ encryption_key: next.encryption_key })
  expect(keysOf(house).previous_encryption_keys).toBeUndefined()
  expect(statSync(join(house.dataDirectory, 'secrets.json')).mode & 0o777).toBe(0o600)
  expect(await sealedWith(house, former)).toEqual([])
  expect(await sealedWith(house, next.encryption_key)).toEqual(
    expect.arrayContaining([
      'apigate_meta.value',
      'audit_chains.seal',
      'idempotency_records.body',
      'settings.secret_value',
    ]),
  )
  for (const index of [0, 49, 50, 1_999]) {
    const setting = await engine.records.getBy('setting', 'key', `test.secret_${index}`)
    expect(setting?.secret_value).toBe(index < Math.min(written, 50) ? `later ${index}` : `hush ${index}`)
  }
  const again = await house.api(
    'POST',
    '/api/operator_tokens',
    { name: 'ci', role: 'support' },
    {
      'idempotency-key': 'before-the-rotation',
    },
  )
  expect(again.body).toEqual(once.body)
  expect(await engine.audit.verify()).toMatchObject({ is_intact: true })
  const [job] = await jobs.selectFrom('jobs').selectAll().where('id', '=', 'job_waiting').execute()
  expect(cipher.open(JSON.parse(job?.payload ?? '').sealed, 'job.email.send')).toBe('a mail')

  const { dataDirectory, token } = house
  await house.running.close()
  house = await startHouse({ overrides: { dataDirectory }, token })
  const setting = await house.running.house.engine.records.getBy('setting', 'key', 'test.secret_1999')
  expect(setting?.secret_value).toBe('hush 1999')
})

test('two rotations at once are one: the second is refused and makes no third key', async () => {
  house = await startHouse()
  const both = await Promise.all([rotate(house), rotate(house)])
  const codes = both.map(({ code }) => code)
  expect(codes).toContain(0)
  expect(await sealedWith(house, keysOf(house).encryption_key)).toContain('apigate_meta.value')
})

test('a key from the environment is rotated by naming the former one, and not before', async () => {
  const former = 'a former key of an operator'
  house = await startHouse({ env: { APIGATE_ENCRYPTION_KEY: former } })
  await house.create('settings', { key: 'test.secret', secret_value: 'hush' })
  const { dataDirectory, token } = house
  const refused = await rotate(house, { env: { APIGATE_ENCRYPTION_KEY: former } })
  expect(refused.code).toBe(1)
  expect(refused.lines.join(' ')).toContain('APIGATE_ENCRYPTION_KEY_PREVIOUS')
  await house.running.close()

  const next = 'the next key of an operator'
  const env = { APIGATE_ENCRYPTION_KEY: next, APIGATE_ENCRYPTION_KEY_PREVIOUS: former }
  house = await startHouse({ overrides: { dataDirectory }, token, env })
  expect((await rotate(house, { env })).code).toBe(0)
  await house.running.close()
  house = await startHouse({ overrides: { dataDirectory }, token, env: { APIGATE_ENCRYPTION_KEY: next } })
  expect(
    (await house.running.house.engine.records.getBy('setting', 'key', 'test.secret'))?.secret_value,
  ).toBe('hush')
})

test('only those seal who are rotated: whoever adds another has to add it to the rotation', async () => {
  const { execFileSync } = await import('node:child_process')
  const root = resolve(import.meta.dirname, '../..')
  const found = execFileSync('grep', ['-rlE', '\\.seal\\(', 'src', '--include=*.ts', '--exclude=*.test.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(found.trim().split('\n').sort()).toEqual([
    // Lives in a browser for minutes: after a rotation the old key opens it still, without one the sign-in begins anew.
    'src/app/account/oauth/sign-in-elsewhere.ts',
    'src/app/account/oauth/ticket.ts',
    'src/app/mail/send-mail.ts',
    'src/bootstrap/confirm-secrets.ts',
    'src/core/audit/append.ts',
    'src/core/runtime/idempotency.ts',
    'src/core/storage/reseal.ts',
    'src/core/storage/table.ts',
  ])
})
