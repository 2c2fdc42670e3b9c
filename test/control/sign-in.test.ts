import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recallSignIns } from '#app/identity/recall-sign-ins.ts'
import { createSignInThrottle } from '#app/identity/sign-in-throttle.ts'
import { type ControlHouse, startControl } from './control-house.ts'

let house: ControlHouse
let operatorId: string
const email = 'ada@example.com'
const password = 'a long enough password'
const role = 'superadmin'

beforeAll(async () => {
  house = await startControl()
  const made = await house.send('POST', '/api/operators', { body: { email, password, name: 'Ada', role } })
  operatorId = made.body.data.id
})
afterAll(() => house.stop())
beforeEach(() => {
  house.clock.time += 3_600_000
  house.events.length = 0
})

const signIn = (fields: object, headers: Record<string, string> = {}) =>
  house.bare('POST', '/admin/login', {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(fields),
  })
const cookieOf = (answer: { headers: Headers }): string =>
  (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
const sameOrigin = { 'sec-fetch-site': 'same-origin' }
const signedIn = async (): Promise<string> => cookieOf(await signIn({ email, password }))
const me = (cookie: string) => house.bare('GET', '/admin/me', { headers: { cookie } })

describe('signing in', () => {
  test('gives a session cookie that scripts cannot read, and says who signed in and until when', async () => {
    const answer = await signIn({ email: 'ADA@Example.com', password })
    expect(answer.status).toBe(200)
    expect(answer.body.data).toMatchObject({
      operator: { id: operatorId, email, role: 'superadmin' },
      expires_at: new Date(house.clock.now() + 7 * 86_400_000).toISOString(),
    })
    expect(answer.body.data.operator).not.toHaveProperty('password_hash')
    expect(answer.headers.get('set-cookie')).toMatch(
      /^apigate_operator=ses_[0-9a-f]{64}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/,
    )
    expect((await me(cookieOf(answer))).body.data).toMatchObject({
      id: operatorId,
      role: 'superadmin',
      credential: 'session',
      operator: { email },
    })
    expect(house.events).toEqual(['session.created'])
  })

  test('over HTTPS the cookie is Secure, and of a name that only this host can set', async () => {
    house.circumstances.isSecure = true
    const answer = await signIn({ email, password })
    house.circumstances.isSecure = false
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-apigate_operator=ses_[0-9a-f]{64}; Path=\/; .*; Secure$/,
    )
  })

  test('answers the same to a wrong password, an unknown account and a suspended operator', async () => {
    const other = { email: 'bob@example.com', password }
    const { id } = (await house.send('POST', '/api/operators', { body: { ...other, role } })).body.data
    await house.send('PATCH', `/api/operators/${id}`, { body: { status: 'suspended' } })
    house.events.length = 0
    const answers = [
      await signIn({ email, password: 'not the password' }),
      await signIn({ email: 'nobody@example.com', password }),
      await signIn({ email: "' or 1=1 --", password }),
      await signIn(other),
    ]
    for (const answer of answers) {
      const { request_id: _, ...error } = answer.body.error
      expect(answer.status).toBe(401)
      expect(error).toMatchObject({ type: 'invalid_credentials', message: 'E-mail or password do not match' })
      expect(answer.headers.has('set-cookie')).toBe(false)
    }
    expect(house.events).toEqual([])
  })

  const malformed: [why: string, fields: object, field: string][] = [
    ['no e-mail', { password }, 'email'],
    ['no password', { email }, 'password'],
    ['a password that is no text', { email, password: { $ne: '' } }, 'password'],
    ['an overlong password', { email, password: 'x'.repeat(1001) }, 'password'],
    ['an unknown field', { email, password, role: 'superadmin' }, 'role'],
  ]
  for (const [why, fields, field] of malformed) {
    test(`with ${why} is refused by name`, async () => {
      const answer = await signIn(fields)
      expect([answer.status, answer.body.error.details.field]).toEqual([400, field])
    })
  }

  test('as a plain form, as another site could send it, is refused', async () => {
    const answer = await signIn({ email, password }, { 'content-type': 'text/plain' })
    expect([answer.status, answer.headers.has('set-cookie')]).toEqual([400, false])
  })
})

describe('guessing', () => {
  test('an account is slowed down whoever asks, also for the right password, and recovers', async () => {
    const target = 'target@example.com'
    await house.send('POST', '/api/operators', { body: { email: target, password, role } })
    for (let attempt = 0; attempt < 5; attempt++) {
      house.circumstances.address = `198.51.100.${attempt}`
      expect((await signIn({ email: target, password: 'wrong guess' })).status).toBe(401)
    }
    const held = await signIn({ email: target, password })
    expect([held.status, held.body.error.type, held.headers.get('retry-after')]).toEqual([
      429,
      'rate_limit_exceeded',
      '1',
    ])
    house.clock.time += 1_000
    expect((await signIn({ email: target, password })).status).toBe(200)
    house.circumstances.address = '203.0.113.7'
  })

  test('fifty at once try no more passwords than five after another', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => signIn({ email: 'many@example.com', password: 'wrong guess' })),
    )
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5)
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(45)
  })
})

describe('an operator under attack', () => {
  const target = 'besieged@example.com'
  const from = async (address: string, secret: string) => {
    house.circumstances.address = address
    const answer = await signIn({ email: target, password: secret })
    house.circumstances.address = '203.0.113.7'
    return answer
  }

  test('gets in from where they signed in before, also after a restart, while others guess', async () => {
    await house.send('POST', '/api/operators', { body: { email: target, password, role } })
    expect((await from('192.0.2.50', password)).status).toBe(200)
    for (let guess = 0; guess < 20; guess++) await from(`198.51.100.${guess}`, 'wrong guess')
    expect((await from('198.51.100.99', password)).status).toBe(429)
    expect((await from('192.0.2.50', password)).status).toBe(200)

    const throttle = createSignInThrottle({ clock: house.clock })
    await recallSignIns({ records: house.engine.records, throttle, clock: house.clock })
    for (let guess = 0; guess < 20; guess++) throttle.take(target, `198.51.100.${guess}`)
    expect(throttle.take(target, '198.51.100.99')).toBeGreaterThan(0)
    expect(throttle.take(target, '192.0.2.50')).toBe(0)
  })
})

describe('attempts that arrive together', () => {
  test('beyond what may wait are turned away with a time to come back, and none of it is counted', async () => {
    const attempt = (index: number) =>
      house.signIn({
        email: `crowd-${index}@example.com`,
        password: 'wrong guess',
        code: undefined,
        address: `2001:db8:${index}::1`,
        userAgent: '',
        requestId: 'req_crowd',
      })
    // Nobody is done before all have come, and as many passwords are being checked as ever will be at once.
    const { promise, resolve } = Promise.withResolvers<void>()
    house.verifying.until = promise
    house.verifying.most = 0
    let turnedAway = 0
    const attempts = Array.from({ length: 60 }, async (_, index) => {
      const outcome = await attempt(index)
      if (!outcome.ok && outcome.code === 'service_unavailable') turnedAway += 1
      return outcome
    })
    await expect.poll(() => [turnedAway, house.verifying.now]).toEqual([24, 4])
    resolve()
    const outcomes = await Promise.all(attempts)
    const codes = outcomes.map((outcome) => (outcome.ok ? 'in' : outcome.code))
    const last = codes.lastIndexOf('service_unavailable')
    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(36)
    expect(outcomes[last]).toMatchObject({ code: 'service_unavailable', details: { retry_after: 1 } })
    expect(codes.filter((code) => code === 'service_unavailable')).toHaveLength(24)
    expect(house.verifying.most).toBe(4)
    for (let free = 0; free < 5; free++)
      expect(await attempt(last)).toMatchObject({ code: 'invalid_credentials' })
    expect(await attempt(last)).toMatchObject({ code: 'rate_limit_exceeded' })
  })
})

describe('a session', () => {
  test('ends by signing out, at once', async () => {
    const cookie = await signedIn()
    const answer = await house.bare('POST', '/admin/logout', { headers: { cookie, ...sameOrigin } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toMatch(/^apigate_operator=; Path=\/; Max-Age=0;/)
    expect((await me(cookie)).status).toBe(401)
    expect(house.events).toEqual(['session.created', 'session.revoke'])
  })

  test('ends after seven days and not before', async () => {
    const cookie = await signedIn()
    house.clock.time += 7 * 86_400_000 - 1
    expect((await me(cookie)).status).toBe(200)
    house.clock.time += 1
    expect((await me(cookie)).status).toBe(401)
  })

  test('ends when the operator is suspended, changes the password, or is deleted', async () => {
    const made = async (name: string) => {
      const account = { email: `${name}@example.com`, password }
      const { id } = (await house.send('POST', '/api/operators', { body: { ...account, role } })).body.data
      const cookie = cookieOf(await signIn(account))
      expect((await me(cookie)).status).toBe(200)
      return { id, cookie }
    }
    const suspended = await made('suspended')
    await house.send('PATCH', `/api/operators/${suspended.id}`, { body: { status: 'suspended' } })
    const changed = await made('changed')
    await house.send('PATCH', `/api/operators/${changed.id}`, { body: { password: 'another password' } })
    const deleted = await made('deleted')
    await house.raw('DELETE', `/api/operators/${deleted.id}`)
    for (const { cookie } of [suspended, changed, deleted]) expect((await me(cookie)).status).toBe(401)
  })

  test('has the role that the operator has now', async () => {
    const account = { email: 'demoted@example.com', password }
    const { id } = (await house.send('POST', '/api/operators', { body: { ...account, role } })).body.data
    const cookie = cookieOf(await signIn(account))
    await house.send('PATCH', `/api/operators/${id}`, { body: { role: 'support' } })
    expect((await me(cookie)).body.data.role).toBe('support')
    const init = {
      headers: { cookie, ...sameOrigin, 'content-type': 'application/json' },
      body: '{"name":"x"}',
    }
    expect((await house.bare('POST', '/api/spare_parts', init)).status).toBe(403)
  })

  test('is kept as a digest', async () => {
    const cookie = await signedIn()
    const raw = cookie.split('=')[1] ?? ''
    const row = await house.engine.records.getBy('session', 'hash', house.tokenDigest.digest(raw))
    expect(row?.operator_id).toBe(operatorId)
    const listed = await house.send('GET', '/api/sessions?limit=100')
    expect(listed.text).not.toContain(raw)
    expect(listed.text).not.toContain('hmac-sha256')
  })
})

describe('a request with the cookie that changes something', () => {
  const write = (cookie: string, headers: Record<string, string>) =>
    house.bare('POST', '/api/spare_parts', {
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        name: `part ${Math.max(0, house.clock.time)} ${JSON.stringify(headers)}`.slice(0, 40),
      }),
    })
  const host = () => new URL(house.url).host

  const refused: [from: string, headers: () => Record<string, string>][] = [
    ['another site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['a sibling site', () => ({ 'sec-fetch-site': 'same-site' })],
    [
      'another site that also sends our Origin',
      () => ({ 'sec-fetch-site': 'cross-site', origin: house.url }),
    ],
    ['another Origin', () => ({ origin: 'https://evil.example' })],
    ['an Origin that only begins like ours', () => ({ origin: `http://${host()}.evil.example` })],
    ['a hidden Origin', () => ({ origin: 'null' })],
    ['somewhere that does not say', () => ({})],
  ]
  for (const [from, headers] of refused) {
    test(`from ${from} is forbidden and changes nothing`, async () => {
      const cookie = await signedIn()
      house.events.length = 0
      const answer = await write(cookie, headers())
      expect([answer.status, answer.body.error.type]).toEqual([403, 'forbidden'])
      expect(house.events).toEqual([])
    })
  }

  const allowed: [from: string, headers: () => Record<string, string>][] = [
    ['our own pages', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['the address bar', () => ({ 'sec-fetch-site': 'none' })],
    ['our Origin in an older browser', () => ({ origin: house.url })],
  ]
  for (const [from, headers] of allowed) {
    test(`from ${from} goes through`, async () => {
      const answer = await write(await signedIn(), headers())
      expect(answer.status).toBe(201)
      expect(house.events).toEqual(['session.created', 'spare_part.created'])
    })
  }

  test('reading needs no such proof', async () => {
    const cookie = await signedIn()
    const answer = await house.bare('GET', '/api/operators', {
      headers: { cookie, 'sec-fetch-site': 'cross-site' },
    })
    expect(answer.status).toBe(200)
  })

  test('a bearer wins over the cookie, right or wrong', async () => {
    const cookie = await signedIn()
    const wrong = { cookie, authorization: 'Bearer opt_wrong' }
    expect((await house.bare('GET', '/admin/me', { headers: wrong })).status).toBe(401)
    const right = { cookie, authorization: `Bearer ${house.token}` }
    expect((await house.bare('GET', '/admin/me', { headers: right })).body.data.credential).toBe('token')
    expect((await write(cookie, { authorization: `Bearer ${house.token}` })).status).toBe(201)
  })
})

describe('the last active superadmin', () => {
  test('cannot be deleted, suspended or demoted, and can once there is another', async () => {
    const fresh = await startControl()
    try {
      const account = { email, password, role }
      const { id } = (await fresh.send('POST', '/api/operators', { body: account })).body.data
      const helper = { email: 'helper@example.com', password, role: 'support' }
      await fresh.send('POST', '/api/operators', { body: helper })
      fresh.events.length = 0
      const attempts = [
        await fresh.send('PATCH', `/api/operators/${id}`, { body: { status: 'suspended' } }),
        await fresh.send('PATCH', `/api/operators/${id}`, { body: { role: 'billing' } }),
        await fresh.raw('DELETE', `/api/operators/${id}`),
      ]
      for (const answer of attempts)
        expect([answer.status, answer.body.error.type]).toEqual([409, 'conflict'])
      expect(fresh.events).toEqual([])
      expect((await fresh.send('PATCH', `/api/operators/${id}`, { body: { name: 'Ada L.' } })).status).toBe(
        200,
      )
      await fresh.send('POST', '/api/operators', { body: { email: 'second@example.com', password, role } })
      expect((await fresh.raw('DELETE', `/api/operators/${id}`)).status).toBe(204)
    } finally {
      await fresh.stop()
    }
  })
})
