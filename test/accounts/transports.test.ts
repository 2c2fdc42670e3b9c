import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askOverTls } from '#test/support/ask-over-tls.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
type Json = any

const fixture = (name: string): string =>
  new URL(`../fixtures/upstream-tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('certificate.pem'))
const tls = {
  APIGATE_TLS_CERT: fixture('certificate.pem'),
  APIGATE_TLS_KEY: fixture('key.pem'),
}
const ways: [how: string, env: Record<string, string>, always: Record<string, string>, isSecure: boolean][] =
  [
    ['HTTP', {}, {}, false],
    [
      'HTTPS that a trusted proxy ends',
      { APIGATE_TRUSTED_PROXIES: '127.0.0.1' },
      { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' },
      true,
    ],
    ['HTTPS of its own', tls, {}, true],
  ]

describe.each(ways)('over %s', (_, env, always, isSecure) => {
  let house: TestHouse
  beforeAll(async () => {
    house = await startHouse({ env })
  })
  afterAll(() => house.close())

  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const asked = {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...always, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    }
    const url = house.url + path
    const answer = url.startsWith('https:')
      ? await askOverTls(url, { ...asked, ca })
      : await fetch(url, asked)
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Json }
  }
  const account = { email: 'ada@example.com', password: 'a long enough password' }
  const prefix = isSecure ? '__Host-' : ''
  const origin = (): string => `${isSecure ? 'https' : 'http'}://${new URL(house.url).host}`
  const cookieOf = (answer: { headers: Headers }): string =>
    (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

  test('people sign up, in and out with cookie and token', async () => {
    const registered = await ask('POST', '/api/v1/auth/register', { ...account, organization_name: 'Ada' })
    expect(registered.status).toBe(201)
    const pattern = `^${prefix}apigate_session=pss_[0-9a-f]{64}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Lax`
    expect(registered.headers.get('set-cookie')).toMatch(
      new RegExp(`${pattern}${isSecure ? '; Secure' : ''}$`),
    )
    expect(registered.headers.has('strict-transport-security')).toBe(isSecure)
    const signedIn = await ask('POST', '/api/v1/auth/login', account, { origin: origin() })
    const cookie = cookieOf(signedIn)
    const token = { authorization: `Bearer ${signedIn.body.data.token}` }
    for (const headers of [{ cookie }, token])
      expect((await ask('GET', '/api/v1/auth/me', undefined, headers)).body.data.user.email).toBe(
        account.email,
      )
    expect((await ask('POST', '/api/v1/auth/logout', undefined, { cookie })).status).toBe(403)
    const out = await ask('POST', '/api/v1/auth/logout', undefined, { cookie, origin: origin() })
    expect([out.status, cookieOf(out)]).toEqual([200, `${prefix}apigate_session=`])
    for (const headers of [{ cookie }, token])
      expect((await ask('GET', '/api/v1/auth/me', undefined, headers)).status).toBe(401)
  })

  test('operators sign in and out with a cookie of the same kind', async () => {
    await ask(
      'POST',
      '/api/operators',
      { ...account, role: 'superadmin' },
      { authorization: `Bearer ${house.token}` },
    )
    const cookie = cookieOf(await ask('POST', '/admin/login', account))
    expect(cookie).toMatch(new RegExp(`^${prefix}apigate_operator=ses_`))
    expect((await ask('GET', '/admin/me', undefined, { cookie })).status).toBe(200)
    expect((await ask('POST', '/admin/logout', undefined, { cookie, origin: origin() })).status).toBe(200)
    expect((await ask('GET', '/admin/me', undefined, { cookie })).status).toBe(401)
  })

  test('a cookie of the other name, as a plain page or another host could set it, is not read', async () => {
    const cookie = cookieOf(await ask('POST', '/api/v1/auth/login', account))
    const other = isSecure ? cookie.replace('__Host-', '') : `__Host-${cookie}`
    expect((await ask('GET', '/api/v1/auth/me', undefined, { cookie: other })).status).toBe(401)
    const plain = {
      cookie,
      origin: origin()
        .replace(/^http:/, 'https:')
        .replace(/^https:/, 'http:'),
    }
    const answer = await ask('DELETE', '/api/v1/auth/sessions', undefined, plain)
    expect(answer.status).toBe(isSecure ? 403 : 200)
  })
})

test('sessions and tokens outlive a restart, and a token of another secret does not get in', async () => {
  const first = await startHouse()
  const account = { email: 'ada@example.com', password: 'a long enough password', organization_name: 'Ada' }
  const registered = await first.api('POST', '/api/v1/auth/register', account)
  const cookie = (registered.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const bearer = { authorization: `Bearer ${registered.body.data.token}` }
  const overrides = { dataDirectory: first.dataDirectory }
  await first.running.close()
  const me = (house: TestHouse, headers: Record<string, string>) =>
    fetch(`${house.url}/api/v1/auth/me`, { headers }).then(({ status }) => status)

  const second = await startHouse({ overrides })
  expect([await me(second, bearer), await me(second, { cookie })]).toEqual([200, 200])
  await second.running.close()

  const third = await startHouse({ overrides, env: { APIGATE_JWT_SECRET: 'another secret of thirty-two' } })
  expect([await me(third, bearer), await me(third, { cookie })]).toEqual([401, 200])
  await third.running.close()
  await first.close().catch(() => undefined)
})
