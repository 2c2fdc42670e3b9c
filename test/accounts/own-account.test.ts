import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AccountHouse, cookieOf, password, startAccounts } from './account-house.ts'

let house: AccountHouse
beforeAll(async () => {
  house = await startAccounts()
})
afterAll(() => house.close())
beforeEach(() => house.clock.advance(3_600_000))

const post = (path: string, body: object, token: string) =>
  house.ask('POST', `/api/v1/auth/${path}`, body, { ...house.fresh(), ...house.bearer(token) })
const tokenOf = async (email: string): Promise<string> => (await house.register(email)).body.data.token

describe('changing the password', () => {
  test('wants the present one, ends every session, and goes on in a new one', async () => {
    const token = await tokenOf('change@example.com')
    const other = { cookie: cookieOf(await house.login('change@example.com')) }
    const wish = { current_password: password, new_password: 'another long password' }
    const wrong = await post('change-password', { ...wish, current_password: 'a guess' }, token)
    expect([wrong.status, wrong.body.error.details.field]).toEqual([401, 'password'])
    const changed = await post('change-password', wish, token)
    expect(changed.status).toBe(200)
    for (const headers of [other, house.bearer(token)]) expect((await house.me(headers)).status).toBe(401)
    for (const headers of [{ cookie: cookieOf(changed) }, house.bearer(changed.body.data.token)])
      expect((await house.me(headers)).status).toBe(200)
    expect((await house.login('change@example.com')).status).toBe(401)
  })

  test('is no way to guess it: the sixth attempt has to wait', async () => {
    const token = await tokenOf('guessed@example.com')
    const statuses = []
    for (let guess = 0; guess < 6; guess++) {
      const wish = { current_password: `guess ${guess}`, new_password: 'another long password' }
      statuses.push((await post('change-password', wish, token)).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  })
})

describe('changing the e-mail address', () => {
  test('counts once the link at the new address was followed, tells the old one, and ends every session', async () => {
    const token = await tokenOf('old@example.com')
    expect((await post('change-email', { email: 'New@example.com', password }, token)).status).toBe(200)
    expect((await house.me(house.bearer(token))).body.data.user.email).toBe('old@example.com')
    const link = await house.mailedToken('new@example.com')
    expect((await post('confirm-email', { token: link }, token)).status).toBe(200)
    expect((await house.me(house.bearer(token))).status).toBe(401)
    expect((await house.login('old@example.com')).status).toBe(401)
    const signedIn = await house.login('new@example.com')
    expect(signedIn.body.data.user).toMatchObject({ email: 'new@example.com', email_verified: true })
    expect((await house.mails('old@example.com')).at(-1)?.text).toContain('new@example.com')
  })

  test('to one that has an account answers the same and mails nobody; one that is taken later is a conflict', async () => {
    const token = await tokenOf('mover@example.com')
    await house.register('there@example.com')
    const before = (await house.mails('there@example.com')).length
    const taken = await post('change-email', { email: 'there@example.com', password }, token)
    expect(taken.body.data).toEqual({ requested: true })
    expect(await house.mails('there@example.com')).toHaveLength(before)
    await post('change-email', { email: 'soon@example.com', password }, token)
    const link = await house.mailedToken('soon@example.com')
    await house.register('soon@example.com')
    expect((await post('confirm-email', { token: link }, token)).status).toBe(409)
    expect((await house.me(house.bearer(token))).body.data.user.email).toBe('mover@example.com')
  })
})

describe('sessions of a person', () => {
  test('are listed without their secrets, and ended one by one or all but this', async () => {
    const token = await tokenOf('many@example.com')
    const two = await house.login('many@example.com')
    const three = await house.login('many@example.com')
    const list = await house.ask('GET', '/api/v1/auth/sessions', undefined, house.bearer(token))
    expect(list.body.data).toHaveLength(3)
    expect(list.body.data.filter((one: { is_current: boolean }) => one.is_current)).toHaveLength(1)
    expect(list.text).not.toMatch(/pss_|hmac|eyJ/)
    const { session_id: id } = (await house.me({ cookie: cookieOf(two) })).body.data
    const end = (path: string) =>
      house.ask('DELETE', `/api/v1/auth/sessions${path}`, undefined, house.bearer(token))
    expect((await end(`/${id}`)).body.data).toEqual({ ended: 1 })
    expect((await house.me({ cookie: cookieOf(two) })).status).toBe(401)
    expect((await end('')).body.data).toEqual({ ended: 1 })
    expect((await house.me({ cookie: cookieOf(three) })).status).toBe(401)
    expect((await house.me(house.bearer(token))).status).toBe(200)
  })

  test("somebody else's and one that is not there are the same answer, to the byte", async () => {
    const token = await tokenOf('curious@example.com')
    const other = await tokenOf('private@example.com')
    const { session_id: theirs } = (await house.me(house.bearer(other))).body.data
    const texts = []
    for (const id of [theirs, 'uss_00000000000000000000000000', 'x']) {
      const headers = { ...house.bearer(token), 'x-request-id': 'same' }
      const answer = await house.ask('DELETE', `/api/v1/auth/sessions/${id}`, undefined, headers)
      texts.push(`${answer.status} ${answer.text}`)
    }
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toMatch(/^404 /)
    expect((await house.me(house.bearer(other))).status).toBe(200)
  })
})

describe('closing an account', () => {
  const close = (token: string, confirmation: string) =>
    post('close-account', { password, confirmation }, token)

  test('wants its address typed, and closes what nobody else belongs to', async () => {
    const registered = await house.register('leaving@example.com')
    const { token, organization, user } = registered.body.data
    const wrong = await close(token, 'yes')
    expect([wrong.status, wrong.body.error.details.field]).toEqual([400, 'confirmation'])
    expect((await close(token, 'leaving@example.com')).status).toBe(200)
    expect((await house.me(house.bearer(token))).status).toBe(401)
    expect((await house.login('leaving@example.com')).status).toBe(401)
    const subjects = (await house.mails('leaving@example.com')).map(({ subject }) => subject)
    expect(subjects.filter((subject) => subject.endsWith('is closed'))).toHaveLength(1)
    expect((await house.records.get('organization', organization.id))?.status).toBe('closed')
    expect((await house.records.get('user', user.id))?.status).toBe('cancelled')
  })

  test('is refused to the last owner of an organization with members, and changes nothing', async () => {
    const owner = (await house.register('boss@example.com')).body.data
    const member = (await house.register('staff@example.com')).body.data
    const place = { organization_id: owner.organization.id, user_id: member.user.id }
    await house.create('memberships', { ...place, role: 'member' })
    expect((await close(owner.token, 'boss@example.com')).status).toBe(409)
    expect((await house.me(house.bearer(owner.token))).status).toBe(200)
    expect((await close(member.token, 'staff@example.com')).status).toBe(200)
    expect((await close(owner.token, 'boss@example.com')).status).toBe(200)
  })
})

describe('a second factor', () => {
  const codeAt = (secret: string): string =>
    new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({
      timestamp: house.clock.now(),
    })
  const enabled = async (email: string) => {
    const first = await tokenOf(email)
    const begun = (await post('two-factor/begin', { password }, first)).body.data
    const answer = await post('two-factor/enable', { code: codeAt(begun.secret) }, first)
    expect(answer.status).toBe(200)
    return { first, secret: begun.secret as string, uri: begun.uri as string, ...answer.body.data }
  }

  test('is asked for at the door once it is on; turning it on ends all other sessions', async () => {
    const { first, secret, uri, token, recovery_codes: codes } = await enabled('two@example.com')
    expect(uri).toMatch(/^otpauth:\/\/totp\/APIGate:two%40example\.com\?/)
    expect(codes).toHaveLength(10)
    expect((await house.me(house.bearer(first))).status).toBe(401)
    expect((await house.me(house.bearer(token))).body.data.user.two_factor_enabled).toBe(true)
    const row = await house.records.getBy('user', 'email', 'two@example.com')
    expect(JSON.stringify(row?.recovery_hashes)).not.toContain(codes[0].replaceAll('-', ''))
    const without = await house.login('two@example.com')
    expect([without.status, without.body.error.type]).toEqual([401, 'two_factor_required'])
    expect((await house.login('two@example.com', 'a wrong password')).body.error.type).toBe(
      'invalid_credentials',
    )
    house.clock.advance(60_000)
    expect((await house.login('two@example.com', password, { code: codeAt(secret) })).status).toBe(200)
  })

  test('takes no code twice, not even ten times at once, and none of a minute ago', async () => {
    const { secret } = await enabled('replay@example.com')
    house.clock.advance(60_000)
    const code = codeAt(secret)
    const headers = house.fresh()
    const signIn = () =>
      house.ask('POST', '/api/v1/auth/login', { email: 'replay@example.com', password, code }, headers)
    const answers = await Promise.all(Array.from({ length: 5 }, signIn))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    house.clock.advance(120_000)
    expect((await house.login('replay@example.com', password, { code })).status).toBe(401)
  })

  test('a recovery code stands in for it once', async () => {
    const { recovery_codes: codes } = await enabled('lost@example.com')
    expect((await house.login('lost@example.com', password, { code: codes[3].toUpperCase() })).status).toBe(
      200,
    )
    expect((await house.login('lost@example.com', password, { code: codes[3] })).status).toBe(401)
    expect((await house.login('lost@example.com', password, { code: codes[4] })).status).toBe(200)
  })

  test('is turned off with password and code; codes cannot be guessed there', async () => {
    const { token, secret } = await enabled('off@example.com')
    const statuses = []
    for (let guess = 0; guess < 6; guess++)
      statuses.push((await post('two-factor/disable', { password, code: `00000${guess}` }, token)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    house.clock.advance(900_000)
    expect((await post('two-factor/disable', { password, code: codeAt(secret) }, token)).status).toBe(200)
    const subjects = (await house.mails('off@example.com')).map(({ subject }) => subject)
    expect(subjects.filter((subject) => subject.startsWith('Two-factor'))).toEqual([
      expect.stringContaining('is on'),
      expect.stringContaining('is off'),
    ])
    expect((await house.login('off@example.com')).status).toBe(200)
  })
})
