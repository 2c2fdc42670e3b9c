import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AccountHouse, startAccounts } from './account-house.ts'

let house: AccountHouse
beforeAll(async () => {
  house = await startAccounts()
})
afterAll(() => house.close())

const long = 'a password that is longer than the seventy-two bytes at which bcrypt stops reading: '
const choose = async (key: string, value: string): Promise<void> => {
  const known = await house.records.getBy('setting', 'key', key)
  if (known === undefined) await house.create('settings', { key, value })
  else expect((await house.api('PATCH', `/api/settings/${key}`, { value })).status).toBe(200)
}
const hashOf = async (module: 'user' | 'operator', email: string): Promise<string> =>
  (await house.records.getBy(module, 'email', email))?.password_hash ?? ''
const signInOperator = (email: string, password: string) =>
  house.ask('POST', '/admin/login', { email, password }, house.fresh())

test('with auth.password_hash bcrypt every way to a new password makes one of bcrypt, and none is cut off at 72 bytes', async () => {
  await choose('auth.password_hash', 'bcrypt')
  await choose('auth.bcrypt_cost', '10')
  const registered = await house.register('short@example.com')
  expect(await hashOf('user', 'short@example.com')).toMatch(/^\$2b\$10\$/)

  await house.register('long@example.com', { password: `${long}one` })
  expect(await hashOf('user', 'long@example.com')).toMatch(/^\$bcrypt-sha256\$v=2,t=2b,r=10\$/)
  expect((await house.login('long@example.com', `${long}two`)).status).toBe(401)
  expect((await house.login('long@example.com', long.slice(0, 72))).status).toBe(401)
  expect((await house.login('long@example.com', `${long}one`)).status).toBe(200)

  const change = { current_password: 'a long enough password', new_password: 'another long password' }
  const { token } = registered.body.data
  const changed = await house.ask('POST', '/api/v1/auth/change-password', change, house.bearer(token))
  expect(changed.status).toBe(200)
  await house.ask('POST', '/api/v1/auth/request-password-reset', { email: 'long@example.com' }, house.fresh())
  const link = await house.mailedToken('long@example.com')
  const reset = { token: link, password: 'a third long password' }
  expect((await house.ask('POST', '/api/v1/auth/reset-password', reset, house.fresh())).status).toBe(200)
  await house.create('users', { email: 'made@example.com', password: 'an operator made it' })
  await house.create('operators', { email: 'op@example.com', password: 'their own', role: 'support' })
  for (const email of ['short@example.com', 'long@example.com', 'made@example.com'])
    expect(await hashOf('user', email), email).toMatch(/^\$2b\$10\$/)
  expect(await hashOf('operator', 'op@example.com')).toMatch(/^\$2b\$10\$/)
  expect((await house.login('made@example.com', 'an operator made it')).status).toBe(200)
})

test('whatever is chosen later, passwords stay valid, and a sign-in renews their hash, of people and of operators', async () => {
  const email = 'stays@example.com'
  await choose('auth.password_hash', 'argon2id')
  await house.register(email, { password: `${long}end` })
  await house.create('operators', { email, password: `${long}end`, role: 'support' })
  const signIns = async (form: RegExp): Promise<void> => {
    expect((await house.login(email, `${long}other`)).status).toBe(401)
    house.clock.advance(3_600_000)
    expect((await house.login(email, `${long}end`)).status).toBe(200)
    expect((await signInOperator(email, `${long}end`)).status).toBe(200)
    for (const module of ['user', 'operator'] as const) expect(await hashOf(module, email)).toMatch(form)
  }
  await signIns(/^\$argon2id\$/)
  await choose('auth.password_hash', 'bcrypt')
  await choose('auth.bcrypt_cost', '11')
  await signIns(/^\$bcrypt-sha256\$v=2,t=2b,r=11\$/)
  await choose('auth.bcrypt_cost', '10')
  await signIns(/^\$bcrypt-sha256\$v=2,t=2b,r=10\$/)
  await choose('auth.password_hash', 'argon2id')
  await signIns(/^\$argon2id\$/)
})

test('a kind that is none and a cost that is too low or would take minutes are refused by name', async () => {
  for (const [key, value] of [
    ['auth.password_hash', 'md5'],
    ['auth.bcrypt_cost', '4'],
    ['auth.bcrypt_cost', '31'],
  ]) {
    const method = (await house.records.getBy('setting', 'key', key ?? '')) === undefined ? 'POST' : 'PATCH'
    const path = method === 'POST' ? '/api/settings' : `/api/settings/${key}`
    const answer = await house.api(method, path, method === 'POST' ? { key, value } : { value })
    expect([answer.status, answer.body.error.details.field]).toEqual([400, 'value'])
  }
})
