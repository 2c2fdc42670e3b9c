import { afterEach, expect, test } from 'vitest'
import { createRequestGate } from '#control/request-gate.ts'
import { createSetupToken } from '#core/runtime/setup-token.ts'
import { type ControlHouse, startControl } from './control-house.ts'

let house: ControlHouse
afterEach(() => house.stop())

const token = `setup_${'a'.repeat(64)}`
const json = { 'content-type': 'application/json' }
async function fresh(): Promise<void> {
  house = await startControl()
  await createSetupToken(house).keep(token)
}
const setUp = (fields: object) =>
  house.bare('POST', '/admin/setup', { headers: json, body: JSON.stringify({ token, ...fields }) })
const ada = { email: 'ada@example.com', password: 'a long enough password', name: 'Ada' }

test('the token of the console makes the first superadmin, who can sign in', async () => {
  await fresh()
  const made = await setUp(ada)
  expect(made.status).toBe(201)
  expect(made.body.data.operator).toMatchObject({ email: ada.email, name: 'Ada', role: 'superadmin' })
  expect(made.text).not.toContain('password')
  const { name: _, ...credentials } = ada
  const signed = await house.bare('POST', '/admin/login', {
    headers: json,
    body: JSON.stringify(credentials),
  })
  expect(signed.status).toBe(200)
  const kept = (await house.send('GET', '/admin/audit?action=operator.create')).body.data
  expect(kept).toMatchObject([{ actor_kind: 'setup', changes: { password: { is_changed: true } } }])
})

test('of many who use it at once one wins, and it is worth nothing ever after', async () => {
  await fresh()
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => setUp({ ...ada, email: `ada${index}@example.com` })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(401)])
  expect((await setUp({ ...ada, email: 'late@example.com' })).status).toBe(401)
  expect((await house.send('GET', '/api/operators?count=true')).body.meta.total).toBe(1)
})

test('a wrong token, one that is a day old, and any once there is an operator are the same 401 and change nothing', async () => {
  await fresh()
  const answers = [await setUp({ ...ada, token: `setup_${'b'.repeat(64)}` })]
  house.clock.time += 24 * 60 * 60_000
  answers.push(await setUp(ada))
  await createSetupToken(house).keep(token)
  await house.send('POST', '/api/operators', { body: { ...ada, role: 'support' } })
  answers.push(await setUp({ ...ada, email: 'eve@example.com' }))
  for (const answer of answers) expect(answer.body.error).toMatchObject({ type: 'invalid_token' })
  expect(new Set(answers.map(({ body }) => body.error.message)).size).toBe(1)
  expect((await house.send('GET', '/api/operators?count=true')).body.meta.total).toBe(1)
})

test('a mistake in a field is named and does not use the token up', async () => {
  await fresh()
  const wrong = await setUp({ email: '', password: 'short', colour: 'red' })
  expect(wrong.body.error.details.errors.map(({ field }: { field: string }) => field)).toEqual([
    'colour',
    'email',
  ])
  expect((await setUp({ ...ada, password: 'short' })).status).toBe(400)
  expect((await setUp(ada)).status).toBe(201)
})

test('one address, and one operator from many addresses, ask so often in a minute and no more; others are not held up', async () => {
  house = await startControl()
  house.gates.current = createRequestGate({ clock: house.clock, requestsPerMinute: 3 })
  const live = () => house.bare('GET', '/health/live')
  expect([(await live()).status, (await live()).status, (await live()).status]).toEqual([200, 200, 200])
  const refused = await live()
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('20')
  expect(refused.headers.get('content-security-policy')).toContain("default-src 'self'")
  const statuses: number[] = []
  for (let index = 0; index < 4; index += 1) {
    house.circumstances.address = `198.51.100.${index}`
    statuses.push((await house.send('GET', '/admin/me')).status)
  }
  expect(statuses).toEqual([200, 200, 200, 429])
  house.clock.time += 20_000
  expect((await house.send('GET', '/admin/me')).status).toBe(200)
})

test('a page of another origin may ask only where the origin is listed, and never with a cookie', async () => {
  house = await startControl()
  const ask = (origin: string) =>
    house.bare('OPTIONS', '/api/plans', { headers: { origin, 'access-control-request-method': 'POST' } })
  const listed = await ask('https://admin.example.com')
  expect(listed.status).toBe(204)
  expect(listed.headers.get('access-control-allow-origin')).toBe('https://admin.example.com')
  expect(listed.headers.has('access-control-allow-credentials')).toBe(false)
  for (const origin of ['https://evil.example', 'https://admin.example.com.evil.example', 'null']) {
    const other = await ask(origin)
    expect(other.status).not.toBe(204)
    expect(other.headers.has('access-control-allow-origin')).toBe(false)
    expect(other.headers.get('vary')).toContain('Origin')
  }
  const read = await house.raw('GET', '/api/plans', { headers: { origin: 'https://admin.example.com' } })
  expect(read.headers.get('access-control-allow-origin')).toBe('https://admin.example.com')
})
