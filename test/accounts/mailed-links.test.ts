import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccountHouse, cookieOf, password, startAccounts } from './account-house.ts'

let house: AccountHouse
beforeAll(async () => {
  house = await startAccounts()
  await house.create('settings', { key: 'portal.base_url', value: 'https://portal.example' })
})
afterAll(() => house.close())

const post = (path: string, body: object, headers = house.fresh()) =>
  house.ask('POST', `/api/v1/auth/${path}`, body, headers)
const hour = 3_600_000

describe('verifying an address', () => {
  test('takes the link of the mail once, for 24 hours', async () => {
    const { user, token } = (await house.register('one@example.com')).body.data
    const mails = await house.mails('one@example.com')
    const verify = 'Verify your e-mail address for APIGate'
    // Each is sent by a job of its own, and two jobs run at a time.
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual([verify, 'Welcome to APIGate'])
    const mail = mails.find(({ subject }) => subject === verify)
    expect(mail?.text).toMatch(/https:\/\/portal\.example\/portal\/verify-email\?token=vfy_[0-9a-f]{64}\n/)
    const raw = await house.mailedToken('one@example.com')
    expect((await post('verify-email', { token: raw })).status).toBe(200)
    expect((await house.me(house.bearer(token))).body.data.user.email_verified).toBe(true)
    expect((await post('verify-email', { token: raw })).body.error.type).toBe('invalid_token')
    expect((await house.records.getBy('auth_token', 'user_id', user.id))?.hash).not.toContain(raw.slice(4))
  })

  test('comes too late after 24 hours, and a new link can be asked for', async () => {
    await house.register('late@example.com')
    const raw = await house.mailedToken('late@example.com')
    house.clock.advance(24 * hour)
    expect((await post('verify-email', { token: raw })).status).toBe(401)
    expect((await post('request-email-verification', { email: 'LATE@example.com' })).status).toBe(200)
    const again = await house.mailedToken('late@example.com')
    house.clock.advance(24 * hour - 1)
    expect((await post('verify-email', { token: again })).status).toBe(200)
  })

  test('is what keys wait for where the setting asks for it', async () => {
    await house.create('settings', { key: 'auth.require_verified_email', value: 'true' })
    const { user, token } = (await house.register('pending@example.com')).body.data
    expect(user.status).toBe('pending')
    await post('verify-email', { token: await house.mailedToken('pending@example.com') })
    expect((await house.me(house.bearer(token))).body.data.user.status).toBe('active')
    await house.api('PATCH', '/api/settings/auth.require_verified_email', { value: 'false' })
  })
})

describe('asking for a password reset', () => {
  test('answers the same for an account, for nobody and for somebody suspended, and looks nothing up before', async () => {
    await house.register('known@example.com')
    const { user } = (await house.register('barred@example.com')).body.data
    await house.api('POST', `/api/users/${user.id}/suspend`, {})
    const texts = []
    for (const email of ['known@example.com', 'nobody@example.com', 'barred@example.com'])
      texts.push((await post('request-password-reset', { email })).text)
    expect(new Set(texts)).toEqual(new Set(['{"success":true,"data":{"requested":true}}']))
    expect((await house.mails('known@example.com')).at(-1)?.subject).toMatch(/^Reset your password/)
    expect(await house.mails('nobody@example.com')).toEqual([])
    expect((await house.mails('barred@example.com')).map(({ subject }) => subject).join()).not.toContain(
      'Reset your password',
    )
  })

  test('fills no mailbox: five mails, then silence, and the answer stays the same', async () => {
    await house.register('flooded@example.com')
    const before = (await house.mails('flooded@example.com')).length
    for (let attempt = 0; attempt < 12; attempt++)
      expect((await post('request-password-reset', { email: 'flooded@example.com' })).status).toBe(200)
    expect((await house.mails('flooded@example.com')).length - before).toBe(5)
  })

  test('is slowed down for an address that asks for many', async () => {
    const headers = house.fresh()
    const statuses = []
    for (let attempt = 0; attempt < 21; attempt++)
      statuses.push(
        (await post('request-password-reset', { email: `x${attempt}@example.com` }, headers)).status,
      )
    expect(statuses.indexOf(429)).toBe(20)
  })
})

describe('resetting a password', () => {
  const reset = (token: string, secret: string) => post('reset-password', { token, password: secret })

  test('ends every session and token, every other link, and takes the new password alone', async () => {
    const registered = await house.register('reset@example.com')
    const browser = { cookie: cookieOf(await house.login('reset@example.com')) }
    await post('request-password-reset', { email: 'reset@example.com' })
    const older = await house.mailedToken('reset@example.com')
    house.clock.advance(1)
    await post('request-password-reset', { email: 'reset@example.com' })
    const newer = await house.mailedToken('reset@example.com')
    expect((await reset(newer, 'short')).body.error.details.field).toBe('password')
    expect((await reset(newer, 'an entirely new one')).status).toBe(200)
    for (const headers of [browser, house.bearer(registered.body.data.token)])
      expect((await house.me(headers)).status).toBe(401)
    for (const token of [newer, older]) expect((await reset(token, 'an attacker has it')).status).toBe(401)
    expect((await house.login('reset@example.com')).status).toBe(401)
    const signedIn = await house.login('reset@example.com', 'an entirely new one')
    expect(signedIn.body.data.user.email_verified).toBe(true)
    const subjects = (await house.mails('reset@example.com')).map(({ subject }) => subject)
    expect(subjects).toContainEqual(expect.stringMatching(/^Your password .*was changed$/))
  })

  test('with one link, ten times at once, happens once', async () => {
    await house.register('parallel@example.com')
    await post('request-password-reset', { email: 'parallel@example.com' })
    const token = await house.mailedToken('parallel@example.com')
    const secrets = Array.from({ length: 10 }, (_, index) => `new password number ${index}`)
    const answers = await Promise.all(secrets.map((secret) => reset(token, secret)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)])
    const winner = secrets[answers.findIndex(({ status }) => status === 200)] ?? ''
    expect((await house.login('parallel@example.com', winner)).status).toBe(200)
  })

  test('comes too late after an hour, and no link does the work of another kind', async () => {
    await house.register('kinds@example.com')
    const verification = await house.mailedToken('kinds@example.com')
    await post('request-password-reset', { email: 'kinds@example.com' })
    const token = await house.mailedToken('kinds@example.com')
    expect((await reset(verification, 'an entirely new one')).status).toBe(401)
    expect((await reset(verification.replace('vfy_', 'rst_'), 'an entirely new one')).status).toBe(401)
    expect((await post('verify-email', { token })).status).toBe(401)
    house.clock.advance(hour)
    expect((await reset(token, 'an entirely new one')).status).toBe(401)
    expect((await house.login('kinds@example.com', password)).status).toBe(200)
  })
})
