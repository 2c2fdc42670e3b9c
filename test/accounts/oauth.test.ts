import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '#test/support/cookie-browser.ts'
import { password } from './account-house.ts'
import { type OauthHouse, startOauthHouse } from './oauth-house.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await startOauthHouse()
})
afterAll(() => house.close())

let people = 0
/** Somebody at the provider whom nobody has seen here. */
const somebody = (more: object = {}) => {
  people += 1
  return {
    sub: `subject ${people}`,
    email: `p${people}@example.com`,
    email_verified: true,
    name: 'Ada',
    ...more,
  }
}
const identities = async () =>
  (await house.records.list('oauth_identity', { limit: 100 })).items.map(({ subject }) => subject)
/** Opens an account with a password whose address is verified. */
const verified = async (email: string) => {
  const { token } = (await house.register(email)).body.data
  await house.ask('POST', '/api/v1/auth/verify-email', { token: await house.mailedToken(email) })
  return house.bearer(token)
}

describe('signing in with a real OpenID provider', () => {
  test('opens an account with a verified address, signs in, and leads back to the page it was begun on', async () => {
    const person = somebody({ email: 'New.Person@Example.com' })
    const { response, browser } = await house.signIn(person)
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/portal/keys')
    const { user, organization } = await house.who(browser)
    expect(user).toMatchObject({
      email: 'new.person@example.com',
      full_name: 'Ada',
      email_verified: true,
      role: 'owner',
    })
    expect(organization.plan).toBe('free')
    expect([...browser.cookies(house.url).keys()]).toEqual(['apigate_session'])
    expect(await house.mails('new.person@example.com')).toHaveLength(1)
  })

  test('finds the same account again by its subject, also when its address is another one by now', async () => {
    const person = somebody()
    const first = await house.who((await house.signIn(person)).browser)
    const again = await house.who((await house.signIn({ ...person, email: 'moved@example.com' })).browser)
    expect(again.user.id).toBe(first.user.id)
    expect(again.user.email).toBe(person.email)
    expect(await house.records.getBy('user', 'email', 'moved@example.com')).toBeUndefined()
  })

  test('tells pages which providers there are, and only those that are configured', async () => {
    const answer = await house.ask('GET', '/api/v1/auth/oauth')
    expect(answer.body.data.providers).toEqual([
      {
        provider: 'oidc',
        label: 'Single sign-on',
        is_of_organization: false,
        start_url: '/api/v1/auth/oauth/oidc/start',
      },
    ])
    expect((await house.ask('GET', '/api/v1/auth/oauth/google/start')).status).toBe(404)
    const tested = await house.api('POST', '/admin/providers/test', { name: 'oauth_oidc' })
    expect(tested.body.data).toEqual([
      { capability: 'oauth', provider: 'oidc', status: 'connected', error: null },
    ])
  })

  test('carries nothing to the provider that would let it, or who sees the address, finish the sign-in', async () => {
    const browser = openBrowser()
    const response = await browser.ask(house.startOf('oidc'))
    const url = new URL(response.headers.get('location') ?? '')
    expect(url.origin).toBe(house.provider.issuer)
    const given = Object.fromEntries(url.searchParams)
    expect(given).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: house.callbackOf('oidc'),
    })
    const ticket = response.headers.getSetCookie()[0] ?? ''
    expect(ticket).toMatch(/^apigate_oauth=aes-256-gcm:v2:.*; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/)
    for (const secret of [given['state'], given['nonce'], house.provider.clientSecret])
      expect(ticket).not.toContain(secret)
    expect(url.href).not.toContain('code_verifier')
  })
})

describe('an account that is here already', () => {
  test('is linked by an address that both sides have verified, whatever its case', async () => {
    const mine = await verified('linked@example.com')
    const { user } = (await house.me(mine)).body.data
    const { browser } = await house.signIn(somebody({ email: 'LINKED@example.COM' }))
    expect((await house.who(browser)).user.id).toBe(user.id)
    expect((await house.login('linked@example.com')).status).toBe(200)
  })

  test('is not linked by an address that the provider does not vouch for, and no account is opened with one', async () => {
    await verified('target@example.com')
    for (const claims of [
      { email_verified: false },
      { email_verified: undefined },
      { email_verified: 'yes' },
    ]) {
      for (const email of ['target@example.com', 'unverified@example.com']) {
        const { status, body, browser } = await house.signIn(somebody({ email, ...claims }))
        expect([email, status, body?.error.type]).toEqual([email, 401, 'sign_in_failed'])
        expect(await house.who(browser)).toBeUndefined()
      }
    }
    expect(await house.records.getBy('user', 'email', 'unverified@example.com')).toBeUndefined()
  })

  test('that somebody else has registered with the address before is not linked: its password would open what is brought', async () => {
    await house.register('prepared@example.com')
    const { status, body } = await house.signIn(somebody({ email: 'prepared@example.com' }))
    expect([status, body.error.type]).toEqual([409, 'conflict'])
  })

  test('is refused while it is suspended, linked or not', async () => {
    const person = somebody()
    const { user } = await house.who((await house.signIn(person)).browser)
    await house.api('POST', `/api/users/${user.id}/suspend`, {})
    expect((await house.signIn(person)).body.error.type).toBe('account_suspended')
    const own = await verified('suspended@example.com')
    const { id } = (await house.me(own)).body.data.user
    await house.api('POST', `/api/users/${id}/suspend`, {})
    const other = await house.signIn(somebody({ email: 'suspended@example.com' }))
    expect(other.body.error.type).toBe('account_suspended')
  })

  test('with a second factor is asked for it, once and in the same browser, before it is linked', async () => {
    const mine = await verified('factor@example.com')
    const begun = (await house.ask('POST', '/api/v1/auth/two-factor/begin', { password }, mine)).body.data
    const totp = new TOTP({ secret: begun.secret })
    const codeNow = () => totp.generate({ timestamp: house.clock.now() })
    await house.ask('POST', '/api/v1/auth/two-factor/enable', { code: codeNow() }, mine)
    house.clock.advance(30_000)
    const person = somebody({ email: 'factor@example.com' })
    const { browser, status, body } = await house.signIn(person)
    expect([status, body.error.type]).toEqual([401, 'two_factor_required'])
    expect(await house.who(browser)).toBeUndefined()
    expect(await identities()).not.toContain(person.sub)
    const complete = (code: string, from = browser) =>
      from.ask(`${house.url}/api/v1/auth/oauth/complete`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      })
    expect((await complete('000000')).status).toBe(401)
    expect((await complete(codeNow(), openBrowser())).status).toBe(401)
    expect((await complete(codeNow())).status).toBe(200)
    expect((await house.who(browser)).user.email).toBe('factor@example.com')
    expect((await complete(codeNow())).status).toBe(401)
    expect(await identities()).toContain(person.sub)
    const told = (await house.mails('factor@example.com')).filter(({ subject }) =>
      subject.includes('Another way to sign in'),
    )
    expect(told).toHaveLength(1)
  })

  test('with a second factor is asked by a form that needs no script, and is led on by it', async () => {
    house.clock.advance(30_000)
    const mine = await verified('form@example.com')
    const begun = (await house.ask('POST', '/api/v1/auth/two-factor/begin', { password }, mine)).body.data
    const totp = new TOTP({ secret: begun.secret })
    await house.ask(
      'POST',
      '/api/v1/auth/two-factor/enable',
      { code: totp.generate({ timestamp: house.clock.now() }) },
      mine,
    )
    house.clock.advance(30_000)
    const { url, browser } = await house.depart(somebody({ email: 'form@example.com' }))
    const page = await browser.ask(url, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('<form method="post" action="/api/v1/auth/oauth/complete">')
    const send = (code: string, origin: string) =>
      browser.ask(`${house.url}/api/v1/auth/oauth/complete`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
        body: `code=${code}`,
      })
    expect((await send('1', 'https://evil.example')).status).toBe(403)
    expect(await (await send('000000', house.url)).text()).toContain('role="alert"')
    const sent = await send(totp.generate({ timestamp: house.clock.now() }), house.url)
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/portal/keys'])
    expect((await house.who(browser)).user.email).toBe('form@example.com')
  })

  test('registration that is closed closes this door too, for those who have no account', async () => {
    const known = somebody()
    await house.signIn(known)
    const setting = await house.create('settings', { key: 'auth.registration', value: 'closed' })
    const refused = await house.signIn(somebody())
    expect([refused.status, refused.body.error.type]).toEqual([403, 'forbidden'])
    expect((await house.signIn(known)).status).toBe(303)
    await house.api('DELETE', `/api/settings/${setting.id}`)
  })
})

describe('linking while signed in', () => {
  const link = async (mine: Record<string, string>, person: ReturnType<typeof somebody>, body: object) => {
    house.provider.be(person)
    const browser = openBrowser()
    const begun = await browser.ask(`${house.url}/api/v1/auth/oauth/oidc/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...mine },
      body: JSON.stringify(body),
    })
    // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
    const answer: any = await begun.json()
    if (!begun.ok) return { status: begun.status, browser }
    const { url } = await browser.follow(answer.data.url, house.callbackOf('oidc'))
    return { status: (await browser.ask(url)).status, browser }
  }

  test('asks for the password, links any verified address, and opens no session by itself', async () => {
    const mine = await verified('owner@example.com')
    const person = somebody()
    expect((await link(mine, person, { password: 'wrong' })).status).toBe(401)
    const { status, browser } = await link(mine, person, { password })
    expect(status).toBe(303)
    expect(await house.who(browser)).toBeUndefined()
    const listed = (await house.ask('GET', '/api/v1/auth/oauth/identities', undefined, mine)).body.data
    expect(listed).toMatchObject([{ provider: 'oidc', email: person.email }])
    expect((await house.who((await house.signIn(person)).browser)).user.email).toBe('owner@example.com')
    expect((await link(mine, somebody({ email_verified: false }), { password })).status).toBe(401)
    // Linked, looked at and signed in with: its owner is told of the linking, once.
    const told = (await house.mails('owner@example.com')).filter(({ subject }) =>
      subject.includes('Another way to sign in'),
    )
    expect(told.map(({ text }) => text.replaceAll('\u200c', '').includes(person.email))).toEqual([true])
  })

  test('takes no account that is linked to somebody else, and nothing for a session that has ended', async () => {
    const theirs = somebody()
    await house.signIn(theirs)
    expect((await link(await verified('thief@example.com'), theirs, { password })).status).toBe(409)
    const mine = await verified('gone@example.com')
    const person = somebody()
    house.provider.be(person)
    const browser = openBrowser()
    const begun = await browser.ask(`${house.url}/api/v1/auth/oauth/oidc/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...mine },
      body: JSON.stringify({ password }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
    const { data }: any = await begun.json()
    const { url } = await browser.follow(data.url, house.callbackOf('oidc'))
    await house.ask('POST', '/api/v1/auth/logout', undefined, mine)
    expect((await browser.ask(url)).status).toBe(401)
    expect(await identities()).not.toContain(person.sub)
  })

  test('the last way to sign in stays, also when two are taken away at once; with a password it may go', async () => {
    const person = somebody()
    const { browser } = await house.signIn(person)
    const second = somebody()
    const session = browser.cookies(house.url).get('apigate_session')
    const mine = { cookie: `apigate_session=${session}`, origin: house.url }
    expect((await link(mine, second, {})).status).toBe(303)
    const path = '/api/v1/auth/oauth/identities'
    const ids = (await house.ask('GET', path, undefined, mine)).body.data.map(({ id }: { id: string }) => id)
    const answers = await Promise.all(
      ids.map((id: string) => house.ask('DELETE', `${path}/${id}`, undefined, mine)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const [left] = (await house.ask('GET', path, undefined, mine)).body.data
    const email = person.email ?? ''
    await house.ask('POST', '/api/v1/auth/request-password-reset', { email })
    await house.ask('POST', '/api/v1/auth/reset-password', {
      token: await house.mailedToken(email),
      password,
    })
    const signed = house.bearer((await house.login(email)).body.data.token)
    expect((await house.ask('DELETE', `${path}/${left.id}`, undefined, signed)).status).toBe(200)
  })

  test("somebody else's linked account is as if it were not there", async () => {
    await house.signIn(somebody())
    const [theirs] = (await house.records.list('oauth_identity', { limit: 1 })).items
    const mine = await verified('other@example.com')
    const path = '/api/v1/auth/oauth/identities'
    const answers = [theirs?.id, 'oid_none'].map((id) =>
      house.ask('DELETE', `${path}/${id}`, undefined, mine),
    )
    const [one, none] = await Promise.all(answers)
    expect([one?.status, none?.status]).toEqual([404, 404])
    const plain = (text = '') => text.replace(/req_\w+/, '')
    expect(plain(one?.text)).toBe(plain(none?.text))
  })
})
