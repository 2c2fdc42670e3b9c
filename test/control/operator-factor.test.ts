import { TOTP } from 'otpauth'
import { afterEach, expect, test } from 'vitest'
import { type ControlHouse, startControl } from './control-house.ts'

let house: ControlHouse
afterEach(() => house.stop())

const ada = { email: 'ada@example.com', password: 'a long enough password' }
const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
const post = async (path: string, body: object, cookie = '') => {
  const headers = { ...json, ...(cookie === '' ? {} : { cookie }) }
  return house.bare('POST', path, { headers, body: JSON.stringify(body) })
}
const signIn = (more: object = {}) => post('/admin/login', { ...ada, ...more })
const cookieOf = (answer: { headers: Headers }) =>
  (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

/** An operator with a second factor, and the hands of their app. */
async function factored() {
  house = await startControl()
  await house.send('POST', '/api/operators', { body: { ...ada, role: 'superadmin' } })
  const other = cookieOf(await signIn())
  const mine = cookieOf(await signIn())
  const begun = await post('/admin/two-factor/begin', { password: ada.password }, mine)
  const totp = new TOTP({ secret: begun.body.data.secret })
  const code = () => totp.generate({ timestamp: house.clock.time })
  const on = await post('/admin/two-factor/enable', { code: code() }, mine)
  return { mine, other, code, on }
}
const isIn = async (cookie: string) =>
  (await house.bare('GET', '/admin/me', { headers: { cookie } })).status === 200

test('an operator with a second factor signs in with a code of it, once, and with each recovery code once', async () => {
  const { code, on } = await factored()
  expect(on.body.data.recovery_codes).toHaveLength(10)
  expect((await signIn()).body.error.type).toBe('two_factor_required')
  expect((await signIn({ code: code() })).status).toBe(401)
  house.clock.time += 30_000
  const now = code()
  expect((await signIn({ code: now })).status).toBe(200)
  expect((await signIn({ code: now })).status).toBe(401)
  house.clock.time += 60 * 60_000
  const [recovery] = on.body.data.recovery_codes
  expect((await signIn({ code: recovery })).status).toBe(200)
  expect((await signIn({ code: recovery })).status).toBe(401)
})

test('a wrong password tells nothing of the second factor, and guessing codes is slowed down like guessing passwords', async () => {
  const { code } = await factored()
  house.clock.time += 60 * 60_000
  expect((await signIn({ password: 'wrong guess', code: code() })).body.error.type).toBe(
    'invalid_credentials',
  )
  const statuses: number[] = []
  for (let guess = 0; guess < 6; guess += 1) statuses.push((await signIn({ code: `00000${guess}` })).status)
  expect(statuses.at(-1)).toBe(429)
})

test('turning it on ends every other session; turning it off takes the password and a code', async () => {
  const { mine, other, code } = await factored()
  expect([await isIn(mine), await isIn(other)]).toEqual([true, false])
  house.clock.time += 60_000
  const off = (more: object) => post('/admin/two-factor/disable', { ...more }, mine)
  expect((await off({ password: 'wrong guess', code: code() })).status).toBe(401)
  expect((await off({ password: ada.password, code: '000000' })).status).toBe(401)
  expect((await off({ password: ada.password, code: code() })).status).toBe(200)
  expect((await signIn()).status).toBe(200)
})

test('it begins with the password, is on only once a code was shown, and belongs to accounts, not to tokens', async () => {
  house = await startControl()
  await house.send('POST', '/api/operators', { body: { ...ada, role: 'support' } })
  const mine = cookieOf(await signIn())
  expect((await post('/admin/two-factor/enable', { code: '000000' }, mine)).status).toBe(409)
  expect((await post('/admin/two-factor/begin', { password: 'wrong guess' }, mine)).status).toBe(401)
  const begun = await post('/admin/two-factor/begin', { password: ada.password }, mine)
  expect((await post('/admin/two-factor/enable', { code: 'x' }, mine)).status).toBe(401)
  expect((await signIn()).status).toBe(200)
  expect((await house.send('POST', '/admin/two-factor/begin', { body: { password: 'x' } })).status).toBe(409)
  const listed = await house.send('GET', '/api/operators')
  expect(listed.text).not.toContain(begun.body.data.secret)
  expect(listed.text).not.toContain('recovery_hashes')
})

test('a superadmin lets somebody in who has lost it, which stands in the audit log', async () => {
  await factored()
  const { body } = await house.send('GET', '/api/operators')
  const [{ id }] = body.data
  expect((await house.send('POST', `/api/operators/${id}/reset_two_factor`, { body: {} })).status).toBe(200)
  expect((await signIn()).status).toBe(200)
  const kept = await house.send('GET', '/admin/audit?action=operator.reset_two_factor')
  expect(kept.body.data).toHaveLength(1)
})
