import { execFile } from 'node:child_process'
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeRoute } from '#test/support/customer.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { type AccountHouse, startAccounts } from './account-house.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

const rawKey = (): string => `old_${randomBytes(24).toString('hex')}`
const derived = (key: string, salt: string | Buffer): Buffer => pbkdf2Sync(key, salt, 1_000, 32, 'sha256')
const salt = Buffer.from('0123456789abcdef')
const plain = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

describe.each([
  ['one thread', 1],
  ['two workers', 2],
] as const)('on %s, a key that another system made', (_, workers) => {
  let house: AccountHouse
  let userId: string
  beforeAll(async () => {
    house = await startAccounts({ env: { APIGATE_WORKERS: String(workers) } })
    await makeRoute(house, upstream.url)
    await house.create('plans', { name: 'free of limits', is_default: true, rate_limit_per_minute: -1 })
    userId = (await house.register('ada@example.com')).body.data.user.id
  })
  afterAll(() => house.close())
  beforeEach(() => house.clock.advance(120_000))

  const bring = (key: string, digest: string, prefix = key.slice(0, 12)) =>
    house.api('POST', '/api/api_keys', {
      user_id: userId,
      name: 'brought',
      key_digest: digest,
      key_prefix: prefix,
    })
  const call = (key: string, from = house.fresh()) =>
    fetch(`${house.url}/x`, { method: 'POST', body: 'a body', headers: { 'x-api-key': key, ...from } })
  const statusOf = async (key: string, from = house.fresh()) => (await call(key, from)).status
  const stored = async (id: string) => (await house.records.get('api_key', id))?.hash ?? ''
  /** Its digest is written after the call that it was verified by was answered. */
  const whenRenewed = async (id: string) => {
    await expect.poll(() => stored(id)).toMatch(/^hmac-sha256:/)
    await house.running.settle()
  }

  test('is let in whatever it was hashed with, with its body, and kept under its digest from then on', async () => {
    const forms: Record<string, (key: string) => Promise<string> | string> = {
      bcrypt: (key) => bcrypt(key, { cost: 4 }),
      'a PHC string': (key) => `$pbkdf2-sha256$i=1000,l=32$${plain(salt)}$${plain(derived(key, salt))}`,
      passlib: (key) =>
        `$pbkdf2-sha256$1000$${plain(salt)}$${plain(derived(key, salt)).replaceAll('+', '.')}`,
      'as Django does': (key) => `pbkdf2_sha256$1000$saltsalt$${derived(key, 'saltsalt').toString('base64')}`,
      'as Werkzeug does': (key) => `pbkdf2:sha256:1000$saltsalt$${derived(key, 'saltsalt').toString('hex')}`,
    }
    for (const [form, digestOf] of Object.entries(forms)) {
      const key = rawKey()
      const made = await bring(key, await digestOf(key))
      expect([form, made.status]).toEqual([form, 201])
      expect(JSON.stringify(made.body)).not.toContain('digest')
      const seenBefore = upstream.seen.length
      const together = await Promise.all([statusOf(key), statusOf(key), statusOf(key)])
      expect([form, ...together]).toEqual([form, 200, 200, 200])
      expect(upstream.seen.slice(seenBefore).map(({ body }) => body)).toEqual(Array(3).fill('a body'))
      await whenRenewed(made.body.data.id)
      expect([form, await statusOf(key)]).toEqual([form, 200])
      expect(await statusOf(`${key.slice(0, -1)}x`)).toBe(401)
      await house.api('POST', `/api/api_keys/${made.body.data.id}/revoke`, {})
      expect([form, await statusOf(key)]).toEqual([form, 401])
    }
  })

  test('is refused at its first use when it was revoked before it', async () => {
    const key = rawKey()
    const { id } = (await bring(key, await bcrypt(key, { cost: 4 }))).body.data
    await house.api('POST', `/api/api_keys/${id}/revoke`, {})
    const answer = await call(key)
    expect([answer.status, ((await answer.json()) as { error: { type: string } }).error.type]).toEqual([
      401,
      'key_revoked',
    ])
  })

  test('is revoked when it is found in public before anybody used it, and no log tells its hash', async () => {
    const key = rawKey()
    const digest = await bcrypt(key, { cost: 4 })
    const { id } = (await bring(key, digest)).body.data
    await house.ask(
      'POST',
      '/api/v1/keys/leaked',
      { token: `${key.slice(0, 12)}${'0'.repeat(40)}` },
      house.fresh(),
    )
    await house.ask('POST', '/api/v1/keys/leaked', { token: key }, house.fresh())
    await expect
      .poll(async () => {
        await house.running.settle()
        return (await house.records.get('api_key', id))?.revoked_at
      })
      .not.toBeNull()
    expect(await statusOf(key)).toBe(401)
    const log = JSON.stringify((await house.api('GET', '/admin/audit?limit=100')).body)
    expect([log.includes(id), log.includes(digest), log.includes(key)]).toEqual([true, false, false])
  })

  test('whoever guesses it waits after ten tries, from one address and at no cost to others', async () => {
    const key = rawKey()
    const made = await bring(key, await bcrypt(key, { cost: 4 }))
    const from = house.fresh()
    const guess = (index: number) => statusOf(`${key.slice(0, 12)}${index}`.padEnd(40, 'x'), from)
    const answers = []
    const begunAt = performance.now()
    for (let index = 0; index < 12 * workers; index++) answers.push(await guess(index))
    const refilled = Math.ceil((performance.now() - begunAt) / 6_000)
    const tried = answers.filter((status) => status === 401).length
    expect(tried).toBeGreaterThanOrEqual(10)
    expect(tried).toBeLessThanOrEqual(10 + refilled)
    expect(answers).toContain(429)
    // A key that no imported one begins like is answered by the lookup alone.
    expect(await statusOf('ak_unknown', from)).toBe(401)
    expect(await statusOf(key)).toBe(200)
    await whenRenewed(made.body.data.id)
  })

  test('is brought only as a hash that can be verified, with a beginning that tells it apart, by operators, once', async () => {
    const key = rawKey()
    const good = await bcrypt(key, { cost: 4 })
    const fieldOf = (answer: { status: number; body: { error: { details: { field: string } } } }) => [
      answer.status,
      answer.body.error.details.field,
    ]
    for (const bad of [
      '',
      'md5',
      '$2b$20$'.padEnd(60, 'a'),
      '$pbkdf2-sha256$9000000$c2FsdHNhbHQ$c2FsdHNhbHQ',
    ])
      expect(fieldOf(await bring(key, bad))).toEqual([400, 'key_digest'])
    for (const bad of ['', 'short', 'with space', 'x'.repeat(33)])
      expect(fieldOf(await bring(key, good, bad))).toEqual([400, 'key_prefix'])
    const both = { user_id: userId, key, key_digest: good, key_prefix: key.slice(0, 12) }
    expect(fieldOf(await house.api('POST', '/api/api_keys', both))).toEqual([400, 'key_digest'])
    expect(
      fieldOf(await house.api('POST', '/api/api_keys', { user_id: userId, key_prefix: 'abcdefg' })),
    ).toEqual([400, 'key_prefix'])
    const member = (await house.register(`member-${workers}@example.com`)).body.data
    const byMember = { user_id: member.user.id, key_digest: good, key_prefix: key.slice(0, 12) }
    const refused = await house.ask('POST', '/api/api_keys', byMember, house.bearer(member.token))
    expect(refused.status).toBe(400)
    expect((await bring(key, good)).status).toBe(201)
    expect((await bring(key, good)).status).toBe(409)
    const alike = await Promise.all(Array.from({ length: 8 }, () => bcrypt(rawKey(), { cost: 4 })))
    const statuses = []
    for (const digest of alike) statuses.push((await bring(key, digest)).status)
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 201, 400])
  })

  test('with auth.key_hash bcrypt, new keys and brought ones keep a slow hash, and work', async () => {
    await house.create('settings', { key: 'auth.key_hash', value: 'bcrypt' })
    const made = await house.create('api_keys', { user_id: userId, name: 'slow' })
    expect(await stored(made.id)).toMatch(/^\$2b\$10\$/)
    expect([await statusOf(made.key), await statusOf(made.key)]).toEqual([200, 200])
    await house.running.settle()
    expect(await stored(made.id)).toMatch(/^\$2b\$/)
    const other = await house.api('PATCH', '/api/settings/auth.key_hash', { value: 'hmac' })
    expect(other.status).toBe(200)
    expect(await stored((await house.create('api_keys', { user_id: userId, name: 'fast' })).id)).toMatch(
      /^hmac/,
    )
  })
})

test('the command line brings a key by its hash, too', async () => {
  const house = await startAccounts()
  const { organization, user } = (await house.register('cli@example.com')).body.data
  await makeRoute(house, upstream.url)
  const key = rawKey()
  const digest = await bcrypt(key, { cost: 4 })
  const entry = new URL('../../src/cmd/apigate.ts', import.meta.url).pathname
  const flags = ['--user-id', user.id, '--key-prefix', key.slice(0, 10), '--key-digest', digest]
  await promisify(execFile)(process.execPath, [entry, 'keys', 'create', ...flags], {
    env: { ...process.env, APIGATE_SERVER: house.url, APIGATE_TOKEN: house.token },
  })
  expect(organization.id).toMatch(/^org_/)
  expect((await fetch(`${house.url}/x`, { headers: { 'x-api-key': key } })).status).toBe(200)
  await house.close()
})
