import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccountHouse, cookieOf, password, sessionCookie, startAccounts } from './account-house.ts'

let house: AccountHouse
beforeAll(async () => {
  house = await startAccounts()
})
afterAll(() => house.close())

const sameOrigin = { 'sec-fetch-site': 'same-origin' }

describe('signing up', () => {
  test('makes organization, owner, membership and default subscription, and signs the owner in', async () => {
    const answer = await house.register('Ada@Example.com', { organization_name: 'Ada & Co' })
    expect(answer.status).toBe(201)
    expect(answer.body.data).toMatchObject({
      user: { email: 'ada@example.com', full_name: 'Ada', role: 'owner', email_verified: false },
      organization: { name: 'Ada & Co', plan: 'free', status: 'active' },
      expires_at: '2026-11-27T12:00:00.000Z',
    })
    const { user, organization, token } = answer.body.data
    expect(user.organization_id).toBe(organization.id)
    expect(token).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(answer.headers.get('set-cookie')).toMatch(
      new RegExp(
        `^${sessionCookie.name}=pss_[0-9a-f]{64}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax${sessionCookie.ending}$`,
      ),
    )
    for (const headers of [house.bearer(token), { cookie: cookieOf(answer) }]) {
      const me = await house.me(headers)
      expect(me.body.data).toMatchObject({ user: { id: user.id }, organization: { id: organization.id } })
    }
    expect(answer.text).not.toMatch(/password|argon2|hash/)
    const row = await house.records.get('user', user.id)
    expect(row?.password_hash).toMatch(/^\$argon2id\$/)
  })

  test('of a taken address is a conflict, however it is spelled, and makes nothing', async () => {
    await house.register('taken@example.com')
    const count = async () => (await house.records.list('organization', { count: true, limit: 1 })).total
    const before = await count()
    const again = await house.register('TAKEN@example.COM')
    expect([again.status, again.body.error.details.field]).toEqual([409, 'email'])
    expect(again.headers.has('set-cookie')).toBe(false)
    expect(await count()).toBe(before)
  })

  test('twenty times at once with one address makes one account', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => house.register('race@example.com')))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(19)
    const where = [{ field: 'email', op: 'eq', value: 'race@example.com' }] as const
    expect((await house.records.list('organization', { where })).items).toHaveLength(1)
  })

  test('tells every field that is wrong at once', async () => {
    const answer = await house.ask('POST', '/api/v1/auth/register', {
      email: 'no address',
      password: 'short',
      full_name: 'two\r\nBcc: lines',
      role: 'owner',
    })
    expect(answer.status).toBe(400)
    expect(answer.body.error.details.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'email',
      'full_name',
      'organization_name',
      'password',
      'role',
    ])
  })

  test('can be closed by a setting', async () => {
    await house.create('settings', { key: 'auth.registration', value: 'closed' })
    expect((await house.register('late@example.com')).status).toBe(403)
    await house.api('PATCH', '/api/settings/auth.registration', { value: 'open' })
    expect((await house.register('late@example.com')).status).toBe(201)
  })
})

describe('signing in', () => {
  test('answers the same to a wrong password, an unknown account and a suspended user', async () => {
    const { user } = (await house.register('gone@example.com')).body.data
    await house.api('POST', `/api/users/${user.id}/suspend`, {})
    const answers = [
      await house.login('ada@example.com', 'not the password'),
      await house.login('nobody@example.com'),
      await house.login("' or 1=1 --"),
      await house.login('gone@example.com'),
    ]
    const bodies = answers.map(({ text }) => text.replace(/req_\w+/, 'req'))
    expect(new Set(bodies).size).toBe(1)
    expect(answers.map(({ status, headers }) => [status, headers.has('set-cookie')])).toEqual(
      answers.map(() => [401, false]),
    )
  })

  test('opens another session each time; signing out ends its cookie and its token, and no other', async () => {
    const one = await house.login('ada@example.com')
    const two = await house.login('ADA@example.com ')
    expect(cookieOf(one)).not.toBe(cookieOf(two))
    const cookie = cookieOf(one)
    const out = await house.ask('POST', '/api/v1/auth/logout', undefined, { cookie, ...sameOrigin })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      200,
      `${sessionCookie.name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${sessionCookie.ending}`,
    ])
    expect((await house.me({ cookie })).status).toBe(401)
    expect((await house.me(house.bearer(one.body.data.token))).status).toBe(401)
    expect((await house.me({ cookie: cookieOf(two) })).status).toBe(200)
    expect((await house.me(house.bearer(two.body.data.token))).status).toBe(200)
  })

  test('renews a hash that another system made with bcrypt, and the same password still fits', async () => {
    const { user } = (await house.register('bcrypt@example.com')).body.data
    const hash = '$2b$04$006ZjA1hjzUbGRB7psl.PeCeNP.W8eF26bn393wx7B.rm5vqNBxr2'
    const { engine } = house.running.house
    await engine.invoke({
      actor: { kind: 'system', id: 'test' },
      requestId: 'test',
      module: 'user',
      action: 'update',
      id: user.id,
      input: { password_hash: hash },
    })
    expect((await house.login('bcrypt@example.com', 'not it')).status).toBe(401)
    const first = await house.login('bcrypt@example.com', 'correct horse battery')
    expect(first.status).toBe(200)
    expect((await house.records.get('user', user.id))?.password_hash).toMatch(/^\$argon2id\$/)
    expect((await house.me({ cookie: cookieOf(first) })).status).toBe(200)
    expect((await house.login('bcrypt@example.com', 'correct horse battery')).status).toBe(200)
  })

  test('fits the hash that an operator brought from elsewhere; what cannot be verified is refused by name', async () => {
    const password_digest = '$2b$04$006ZjA1hjzUbGRB7psl.PeCeNP.W8eF26bn393wx7B.rm5vqNBxr2'
    const made = await house.create('users', { email: 'brought@example.com', password_digest })
    expect(JSON.stringify(made)).not.toContain('$2b$')
    expect((await house.login('brought@example.com', 'correct horse battery')).status).toBe(200)
    for (const brought of [{ password_digest: '$1$md5$x' }, { password_digest, password: 'both of them' }]) {
      const answer = await house.api('POST', '/api/users', { email: 'no@example.com', ...brought })
      expect([answer.status, answer.body.error.details.field]).toEqual([400, 'password_digest'])
    }
  })

  test('that failed is kept in the audit log with the address and without the password', async () => {
    await house.login('ada@example.com', 'a password to look for')
    const log = await house.api('GET', '/admin/audit?limit=100')
    const kept = JSON.stringify(log.body)
    expect(kept).toMatch(/account\.sign_in/)
    expect(kept).not.toMatch(/a password to look for|pss_|argon2id/)
  })

  test('from another site is refused before anything is looked at', async () => {
    for (const path of ['login', 'register']) {
      const body = { email: 'ada@example.com', password, organization_name: 'x' }
      const answer = await house.ask('POST', `/api/v1/auth/${path}`, body, { 'sec-fetch-site': 'cross-site' })
      expect([answer.status, answer.headers.has('set-cookie')]).toEqual([403, false])
    }
  })
})

describe('a session', () => {
  test('ends after seven days; its cookie also after a day of rest, its token not', async () => {
    const answer = await house.login('ada@example.com')
    const cookie = { cookie: cookieOf(answer) }
    const token = house.bearer(answer.body.data.token)
    for (let day = 0; day < 3; day++) {
      house.clock.advance(86_400_000 - 1)
      expect((await house.me(cookie)).status).toBe(200)
      await house.running.settle()
    }
    house.clock.advance(86_400_000)
    expect((await house.me(cookie)).status).toBe(401)
    expect((await house.me(token)).status).toBe(200)
    house.clock.advance(3 * 86_400_000 + 3)
    expect((await house.me(token)).status).toBe(401)
  })
})
