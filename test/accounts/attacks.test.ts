import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AccountHouse, cookieOf, password, sessionCookie, startAccounts } from './account-house.ts'

let house: AccountHouse
let victim: { token: string; cookie: string; userId: string; sessionId: string }
beforeAll(async () => {
  house = await startAccounts()
  const answer = await house.register('victim@example.com')
  const { token, user } = answer.body.data
  const { session_id: sessionId } = (await house.me(house.bearer(token))).body.data
  victim = { token, cookie: cookieOf(answer), userId: user.id, sessionId }
})
afterAll(() => house.close())
beforeEach(() => house.clock.advance(1_000_000))

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const partsOf = (token: string) => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), payload: read(payload), signature, signed: `${header}.${payload}` }
}
const secret = (): Buffer =>
  Buffer.from(JSON.parse(readFileSync(join(house.dataDirectory, 'secrets.json'), 'utf8')).jwt_secret, 'hex')
const hs = (header: object, payload: object, key: Buffer | string, hash = 'sha256'): string => {
  const signed = `${base64(header)}.${base64(payload)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

describe('a forged token', () => {
  test('gets nothing, whatever is changed; signed as we sign it would get in', async () => {
    const { header, payload, signature, signed } = partsOf(victim.token)
    expect(header).toMatchObject({ alg: 'HS256', typ: 'JWT' })
    expect((await house.me(house.bearer(hs(header, payload, secret())))).status).toBe(200)
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    const rs = `${base64({ ...header, alg: 'RS256' })}.${base64(payload)}`
    const now = payload.iat
    const forged: Record<string, string> = {
      'alg none': `${base64({ ...header, alg: 'none' })}.${base64(payload)}.`,
      'alg None with our signature': `${base64({ ...header, alg: 'None' })}.${base64(payload)}.${signature}`,
      'no signature': `${signed}.`,
      'half a signature': `${signed}.${signature.slice(0, 20)}`,
      'an empty secret': hs(header, payload, ''),
      'a guessed secret': hs(header, payload, 'secret'),
      'HS512 with our secret': hs({ ...header, alg: 'HS512' }, payload, secret(), 'sha512'),
      'RS256 of their own': `${rs}.${sign('sha256', Buffer.from(rs), privateKey).toString('base64url')}`,
      'HS256 with a public key': hs(header, payload, pem as string),
      'a key in the header': hs({ ...header, jwk: { kty: 'oct', k: 'AA' } }, payload, Buffer.from([0])),
      'a key at an address': hs({ ...header, jku: 'http://127.0.0.1:9/jwks' }, payload, 'x'),
      'another kid': hs({ ...header, kid: '../../dev/null' }, payload, secret()),
      'another type': hs({ ...header, typ: 'at+jwt' }, payload, secret()),
      'a critical header': hs({ ...header, crit: ['exp'], exp: 1 }, payload, secret()),
      'another issuer': hs(header, { ...payload, iss: 'elsewhere' }, secret()),
      'another audience': hs(header, { ...payload, aud: 'apigate:operator' }, secret()),
      'no end': hs(header, { ...payload, exp: undefined }, secret()),
      'a past end': hs(header, { ...payload, exp: now - 1 }, secret()),
      'no session': hs(header, { ...payload, jti: undefined }, secret()),
      'an invented session': hs(header, { ...payload, jti: 'uss_00000000000000000000000000' }, secret()),
      "somebody else's session": hs(header, { ...payload, sub: 'usr_00000000000000000000000000' }, secret()),
      'an overlong one': hs(header, { ...payload, more: 'x'.repeat(4_000) }, secret()),
      'a payload changed afterwards': `${base64(header)}.${base64({ ...payload, sub: 'usr_1' })}.${signature}`,
    }
    for (const [how, token] of Object.entries(forged))
      expect([how, (await house.me(house.bearer(token))).status]).toEqual([how, 401])
  })

  test('and a cookie that was tampered with get nothing', async () => {
    const raw = victim.cookie.split('=')[1] ?? ''
    const tampered = [
      `${raw.slice(0, -1)}${raw.endsWith('0') ? '1' : '0'}`,
      raw.toUpperCase(),
      `${raw}0`,
      victim.sessionId,
      victim.token,
      raw.replace('pss_', 'ses_'),
      `"${raw}"`,
    ]
    for (const value of tampered)
      expect([value, (await house.me({ cookie: `${sessionCookie.name}=${value}` })).status]).toEqual([
        value,
        401,
      ])
    const twice = `${victim.cookie}; ${sessionCookie.name}=pss_${'ab'.repeat(32)}`
    expect((await house.me({ cookie: twice })).status).toBe(401)
    for (const name of [
      'apigate_operator',
      'Apigate_Session',
      sessionCookie.otherName,
      `x${sessionCookie.name}`,
    ])
      expect([name, (await house.me({ cookie: `${name}=${raw}` })).status]).toEqual([name, 401])
    expect((await house.me(house.bearer(raw))).status).toBe(401)
    expect(
      (await house.ask('GET', '/admin/me', undefined, { cookie: `apigate_operator=${raw}` })).status,
    ).toBe(401)
  })
})

describe('a foreign page', () => {
  const changes: [method: string, path: string, body?: object][] = [
    ['POST', '/api/v1/auth/logout'],
    ['POST', '/api/v1/auth/change-password', { current_password: password, new_password: 'of the attacker' }],
    ['POST', '/api/v1/auth/change-email', { email: 'evil@example.com', password }],
    ['POST', '/api/v1/auth/close-account', { password, confirmation: 'victim@example.com' }],
    ['POST', '/api/v1/auth/two-factor/begin', { password }],
    ['DELETE', '/api/v1/auth/sessions'],
  ]
  const origins: Record<string, string>[] = [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ]
  test('that a browser is led to changes nothing with the cookie it has', async () => {
    await house.me({ cookie: victim.cookie })
    await house.running.settle()
    const before = (await house.running.house.engine.lastSeq()) ?? 0
    for (const [method, path, body] of changes)
      for (const from of origins) {
        const answer = await house.ask(method, path, body, { cookie: victim.cookie, ...from })
        expect([path, from, answer.status]).toEqual([path, from, 403])
      }
    expect(await house.running.house.engine.lastSeq()).toBe(before)
    expect((await house.me({ cookie: victim.cookie })).status).toBe(200)
  })

  test('cannot fix a session: one that was brought along is never the one that is signed in', async () => {
    const brought = `${sessionCookie.name}=pss_${'cd'.repeat(32)}`
    const answer = await house.ask(
      'POST',
      '/api/v1/auth/login',
      { email: 'victim@example.com', password },
      { ...house.fresh(), cookie: brought },
    )
    expect(answer.status).toBe(200)
    expect(cookieOf(answer)).not.toBe(brought)
    expect((await house.me({ cookie: brought })).status).toBe(401)
  })
})

describe('whoever writes what does not belong there', () => {
  test('adds no line to a header, a log or a mail', async () => {
    const evil = 'evil@example.com\r\nBcc: all@example.com'
    for (const body of [
      { email: evil, password, organization_name: 'x' },
      { email: 'fine@example.com', password, organization_name: 'x\r\nSet-Cookie: a=b' },
      { email: 'fine@example.com', password, organization_name: 'x', full_name: 'a\u2028b' },
    ])
      expect((await house.ask('POST', '/api/v1/auth/register', body, house.fresh())).status).toBe(400)
    const named = '{token}<script>alert(1)</script>{link}'
    const answer = await house.register('named@example.com', { full_name: named, organization_name: named })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const mail = (await house.mails('named@example.com')).find(({ text }) => text.includes('token='))
    expect(mail?.text).toContain(`Hello ${named},`)
    expect(mail?.text.match(/token=/g)).toHaveLength(1)
  })

  test('names no host that links lead to', async () => {
    const headers = { ...house.fresh(), 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    await house.ask('POST', '/api/v1/auth/request-password-reset', { email: 'victim@example.com' }, headers)
    expect((await house.mails('victim@example.com')).at(-1)?.text).not.toContain('evil.example')
  })

  test('sends no body of another kind, no field twice, and nothing endless', async () => {
    const ask = (body: string, type = 'application/json') =>
      house.ask('POST', '/api/v1/auth/login', body, { ...house.fresh(), 'content-type': type })
    const good = JSON.stringify({ email: 'victim@example.com', password })
    expect((await ask(good, 'text/plain')).status).toBe(400)
    expect((await ask(good.replace('{', '{"password":"x",'))).status).toBe(400)
    expect((await ask('[]')).status).toBe(400)
    expect((await ask(`{"email":"${'x'.repeat(1_100_000)}"}`)).status).toBe(413)
    expect((await ask(good)).status).toBe(200)
  })
})

test('guessing a password from everywhere gets five tries a minute at most, and the owner still gets in from home', async () => {
  await house.register('besieged@example.com')
  const home = house.fresh()
  const from = (headers: Record<string, string>, guess: string) =>
    house.ask('POST', '/api/v1/auth/login', { email: 'besieged@example.com', password: guess }, headers)
  expect((await from(home, password)).status).toBe(200)
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) => from(house.fresh(), `guess ${index}`)),
  )
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
  expect((await from(house.fresh(), password)).status).toBe(429)
  expect((await from(home, password)).status).toBe(200)
})
