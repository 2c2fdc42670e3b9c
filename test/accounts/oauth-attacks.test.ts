import { createHmac } from 'node:crypto'
import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openBrowser } from '#test/support/cookie-browser.ts'
import { type ForgingProvider, startForgingProvider, unsigned } from '#test/support/forging-provider.ts'
import { type OauthHouse, startOauthHouse } from './oauth-house.ts'

let house: OauthHouse
let forger: ForgingProvider
let other: ForgingProvider
beforeAll(async () => {
  house = await startOauthHouse()
  forger = await startForgingProvider()
  other = await startForgingProvider()
  for (const [name, { issuer }] of Object.entries({ forger, other }))
    await house.create('oauth_oidc_clients', { name, issuer, client_id: 'apigate', client_secret: 'x' })
  await house.create('oauth_oidc_clients', {
    name: 'oidc',
    issuer: house.provider.issuer,
    client_id: house.provider.clientId,
    client_secret: house.provider.clientSecret,
  })
  await house.register('victim@example.com')
  await house.ask('POST', '/api/v1/auth/verify-email', {
    token: await house.mailedToken('victim@example.com'),
  })
})
afterAll(async () => {
  await house.close()
  await forger.close()
  await other.close()
})
beforeEach(() => forger.forge({}))

const victim = { sub: 'honest', email: 'honest@example.com', email_verified: true }
const userOf = async (email: string) => house.records.getBy('user', 'email', email)
const linkCount = async () => (await house.records.list('oauth_identity', { count: true })).total

/** A sign-in at the forging provider, with the status that it ends with. */
async function forged(slug = 'forger') {
  const browser = openBrowser()
  const { url } = await browser.follow(house.startOf(slug), house.callbackOf(slug))
  const response = await browser.ask(url)
  return { status: response.status, browser, text: await response.text() }
}

describe('an answer of a provider', () => {
  test('is taken where everything in it is right: what follows is refused for what is changed in it', async () => {
    expect((await forged()).status).toBe(303)
  })

  test('is refused for every forgery of its ID token, and nothing is linked or opened', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    const now = Math.floor(Date.now() / 1000)
    const sign = (claims: object, header: object = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'honest', ...header })
        .sign(privateKey)
    const hs = (claims: object, key: string) => {
      const signed = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
      return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
    }
    const forgeries: Record<string, Parameters<ForgingProvider['forge']>[0]> = {
      'alg none': { token: (claims) => unsigned(claims) },
      'alg None': { token: (claims) => unsigned(claims, 'None') },
      'no signature under a real algorithm': { token: (claims) => unsigned(claims, 'RS256') },
      'another key under the same name': { token: (claims) => sign(claims) },
      'a key of another name': { token: (claims) => sign(claims, { kid: 'evil' }) },
      'HS256 with the client secret': { token: (claims) => hs(claims, 'x') },
      'another nonce': { claims: { nonce: 'ab'.repeat(32) } },
      'no nonce': { claims: { nonce: undefined } },
      'another audience': { claims: { aud: 'another client' } },
      'several audiences for another': { claims: { aud: ['apigate', 'evil'], azp: 'evil' } },
      'no audience': { claims: { aud: undefined } },
      'another issuer': { claims: { iss: house.provider.issuer } },
      'the issuer with a slash': { claims: { iss: `${forger.issuer}/` } },
      'a past end': { claims: { iat: now - 1_000, exp: now - 500 } },
      'no end': { claims: { exp: undefined } },
      'a beginning in the future': { claims: { nbf: now + 500 } },
      'no subject': { claims: { sub: undefined } },
      'an empty subject': { claims: { sub: '' } },
      'a subject of another kind': { claims: { sub: 7 } },
      'an unverified address': { claims: { sub: 'new', email_verified: false } },
      'an address that is two': { claims: { sub: 'new', email: 'a@example.com,victim@example.com' } },
      'an address with a line': { claims: { sub: 'new', email: 'victim@example.com\r\nx: y' } },
      'no token': { token: () => '' },
      'a critical header': { header: { crit: ['b64'], b64: true } },
    }
    const before = await linkCount()
    for (const [how, forgery] of Object.entries(forgeries)) {
      forger.forge(forgery)
      const { status, browser } = await forged()
      expect([how, status]).toEqual([how, 401])
      expect([how, await house.who(browser)]).toEqual([how, undefined])
    }
    expect(await linkCount()).toBe(before)
  })

  test('is refused for a wrong, missing or doubled state, and for one of another browser', async () => {
    const { url } = await house.depart(victim)
    const states: Record<string, (url: URL) => void> = {
      wrong: (one) => one.searchParams.set('state', 'ab'.repeat(32)),
      missing: (one) => one.searchParams.delete('state'),
      doubled: (one) => one.searchParams.append('state', 'x'),
      'in another browser': () => undefined,
    }
    for (const [how, change] of Object.entries(states)) {
      const mine = await house.depart(victim)
      const changed = new URL(how === 'in another browser' ? url : mine.url)
      change(changed)
      const answer = await mine.browser.ask(changed.href)
      expect([how, answer.status]).toEqual([how, 401])
      expect([how, await house.who(mine.browser)]).toEqual([how, undefined])
    }
    expect((await openBrowser().ask(url)).status).toBe(401)
    expect(await userOf(victim.email)).toBeUndefined()
  })

  test('counts once: neither the address, nor the address with the kept cookie, signs in a second time', async () => {
    const person = { ...victim, sub: 'once', email: 'once@example.com' }
    const { browser, url } = await house.depart(person)
    const ticket = browser.cookies(house.url).get('apigate_oauth') ?? ''
    expect((await browser.ask(url)).status).toBe(303)
    expect((await browser.ask(url)).status).toBe(401)
    const thief = openBrowser()
    thief.cookies(house.url).set('apigate_oauth', ticket)
    expect((await thief.ask(url)).status).toBe(401)
    expect(await house.who(thief)).toBeUndefined()
  })

  test('is too late after ten minutes', async () => {
    const { browser, url } = await house.depart({ ...victim, sub: 'late', email: 'late@example.com' })
    house.clock.advance(10 * 60_000)
    expect((await browser.ask(url)).status).toBe(401)
    expect(await userOf('late@example.com')).toBeUndefined()
  })

  test('that says no is told as such', async () => {
    const { browser } = await house.depart(victim)
    const again = await browser.ask(house.startOf('oidc'))
    const state = new URL(again.headers.get('location') ?? '').searchParams.get('state')
    const denied = `${house.callbackOf('oidc')}?error=access_denied&state=${state}&iss=${encodeURIComponent(house.provider.issuer)}`
    const answer = await browser.ask(denied, { headers: { accept: 'text/html' } })
    expect(answer.status).toBe(401)
    expect(await answer.text()).toContain('was not allowed at the provider')
    const script = await openBrowser().ask(`${house.callbackOf('oidc')}?error=<script>alert(1)</script>`, {
      headers: { accept: 'text/html' },
    })
    expect(await script.text()).not.toContain('<script>')
  })
})

describe('one provider that passes for another', () => {
  test('gets no code of the other: each has a callback of its own, and the cookie knows which was begun', async () => {
    const mine = openBrowser()
    const { url } = await mine.follow(house.startOf('forger'), house.callbackOf('forger'))
    const before = other.asked.length
    const crossed = url.replace('/oauth/forger/', '/oauth/other/')
    expect((await mine.ask(crossed)).status).toBe(401)
    expect(other.asked).toHaveLength(before)
  })

  test('is found out by the issuer that the answer names', async () => {
    forger.forge({ callback: { iss: other.issuer } })
    const before = forger.asked.length
    expect((await forged()).status).toBe(401)
    expect(forger.asked).toHaveLength(before)
  })

  test('claims the subject of the other in vain: a subject belongs to its provider and issuer', async () => {
    const honest = { sub: 'forged subject', email: 'mine@example.com', email_verified: true }
    const mine = await house.who((await house.signIn(honest)).browser)
    forger.forge({ claims: { email: 'attacker@example.com' } })
    other.forge({ claims: { email: 'attacker@example.com' } })
    for (const slug of ['forger', 'other']) {
      const { browser } = await forged(slug)
      const who = await house.who(browser)
      expect(who.user.id).not.toBe(mine.user.id)
    }
  })
})

describe('a sign-in elsewhere', () => {
  test('leads nowhere but to a path of our own', async () => {
    for (const target of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/..//evil.example',
      'javascript:1',
    ]) {
      const answer = await house.ask(
        'GET',
        `/api/v1/auth/oauth/oidc/start?return_to=${encodeURIComponent(target)}`,
      )
      expect([target, answer.status]).toEqual([target, 400])
    }
  })

  test('takes no cookie that we have not made, and none that is made for something else', async () => {
    const { url, browser } = await house.depart(victim)
    const ticket = browser.cookies(house.url).get('apigate_oauth') ?? ''
    const sealed = house.running.house.cipher.seal(
      '{"ticket":{"kind":"journey"},"until":9e15}',
      'setting.secret_value.x',
    )
    for (const value of ['x', '', sealed, `${ticket}x`, ticket.slice(0, -4), 'x'.repeat(5_000)]) {
      const thief = openBrowser()
      thief.cookies(house.url).set('apigate_oauth', value)
      expect((await thief.ask(url)).status).toBe(401)
    }
  })

  test('knows no provider by the names of other things', async () => {
    for (const slug of ['constructor', '__proto__', '..%2f..%2fadmin', 'sid_none', 'google', 'oidc%2foidc'])
      expect([slug, (await house.ask('GET', `/api/v1/auth/oauth/${slug}/start`)).status]).toEqual([slug, 404])
  })

  test('says nothing of secrets where a provider is down, and asks no private address unless it is allowed', async () => {
    await house.create('oauth_oidc_clients', {
      name: 'down',
      issuer: 'http://127.0.0.1:9',
      client_id: 'a',
      client_secret: 'very secret',
    })
    const answer = await house.ask('GET', '/api/v1/auth/oauth/down/start')
    expect([answer.status, answer.text.includes('very secret')]).toEqual([503, false])
    const settings = await house.api('GET', '/api/settings?key=oauth.oidc.allow_private')
    const [{ id }] = settings.body.data
    await house.api('PATCH', `/api/settings/${id}`, { value: 'false' })
    const before = forger.asked.length
    const mine = openBrowser()
    expect((await mine.ask(house.startOf('forger'))).status).toBe(503)
    expect(forger.asked).toHaveLength(before)
    await house.api('PATCH', `/api/settings/${id}`, { value: 'true' })
  })
})
