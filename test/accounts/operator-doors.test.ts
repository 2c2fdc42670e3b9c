import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AccountHouse, cookieOf, sessionCookie, startAccounts } from './account-house.ts'

let house: AccountHouse
const email = 'grace@example.com'
const password = 'an operator keeps this'
const cookieName = sessionCookie.name.replace('session', 'operator')
const otherName = sessionCookie.otherName.replace('session', 'operator')
const ours = { 'sec-fetch-site': 'same-origin' }

beforeAll(async () => {
  house = await startAccounts()
  const { setupToken } = house.running
  const wish = { token: setupToken, email, password, name: 'Grace' }
  const made = await house.ask('POST', '/admin/setup', wish, house.fresh())
  expect(made.status).toBe(201)
  // Whoever saw the console later makes nobody.
  expect((await house.ask('POST', '/admin/setup', wish, house.fresh())).status).toBeGreaterThanOrEqual(400)
})
afterAll(() => house.close())
beforeEach(() => house.clock.advance(3_600_000))

const signIn = (secret = password, headers: Record<string, string> = house.fresh()) =>
  house.ask('POST', '/admin/login', { email, password: secret }, headers)
const me = (cookie: string) => house.ask('GET', '/admin/me', undefined, { cookie })

test("an operator's cookie cannot be read by scripts, is for this host alone where it came over HTTPS, and ends with the sign-out", async () => {
  const answer = await signIn()
  expect(answer.status).toBe(200)
  expect(answer.headers.get('set-cookie')).toMatch(
    new RegExp(
      `^${cookieName}=ses_[0-9a-f]{64}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax${sessionCookie.ending}$`,
    ),
  )
  const cookie = cookieOf(answer)
  expect((await me(cookie)).body.data).toMatchObject({ credential: 'session', operator: { email } })
  // A name that another host could have set is not listened to.
  expect((await me(cookie.replace(cookieName, otherName))).status).toBe(401)
  const plan = { name: 'from-elsewhere' }
  const foreign = { cookie, 'sec-fetch-site': 'cross-site' }
  expect((await house.ask('POST', '/api/plans', plan, foreign)).status).toBe(403)
  expect((await house.ask('POST', '/api/plans', plan, { cookie, ...ours })).status).toBe(201)
  const out = await house.ask('POST', '/admin/logout', {}, { cookie, ...ours })
  expect(out.headers.get('set-cookie')).toMatch(new RegExp(`^${cookieName}=; Path=/; Max-Age=0;`))
  expect((await me(cookie)).status).toBe(401)
})

test('a tampered, an invented and a fixed session open nothing', async () => {
  const cookie = cookieOf(await signIn())
  const changed = cookie.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  for (const one of [
    changed,
    `${cookieName}=ses_${'ab'.repeat(32)}`,
    `${cookieName}=`,
    `${cookieName}=x; ${cookieName}=y`,
  ])
    expect((await me(one)).status, one).toBe(401)
  const fixed = `${cookieName}=ses_${'cd'.repeat(32)}`
  const answer = await signIn(password, { ...house.fresh(), cookie: fixed })
  expect(cookieOf(answer)).not.toBe(fixed)
  expect((await me(fixed)).status).toBe(401)
})

test('guessing is slowed down, and an operator is never let in where people are', async () => {
  const guesser = house.fresh()
  const statuses: number[] = []
  for (let guess = 0; guess < 6; guess++) statuses.push((await signIn(`guess ${guess}`, guesser)).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  expect((await house.login(email, password)).status).toBe(401)
  house.clock.advance(3_600_000)
  const cookie = cookieOf(await signIn())
  expect((await house.me({ cookie })).status).toBe(403)
  expect((await house.me({ cookie: cookie.replace('operator', 'session') })).status).toBe(401)
})
