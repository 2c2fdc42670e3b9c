import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRoute } from '#test/support/customer.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { type AccountHouse, password, startAccounts } from './account-house.ts'

type Headers = Record<string, string>
let house: AccountHouse
let upstream: Upstream
let count = 0
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startAccounts()
  await makeRoute(house, upstream.url)
  await house.create('plans', {
    name: 'priced',
    is_default: true,
    rate_limit_per_minute: -1,
    requests_per_month: 0,
    quota_mode: 'soft',
    overage_unit_price: '0.01',
  })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

async function owner() {
  count += 1
  const email = `owner-${count}@example.com`
  const { token, organization } = (await house.register(email)).body.data
  const who = house.bearer(token)
  const make = async () =>
    (await house.ask('POST', '/api/v1/keys', { name: 'ci' }, who)).body.data as { id: string; key: string }
  return { email, who, make, organizationId: String(organization.id) }
}
const call = async (key: string) => (await fetch(`${house.url}/x`, { headers: { 'x-api-key': key } })).status
const report = (body: unknown, from: Headers = house.fresh()) =>
  house.ask('POST', '/api/v1/keys/leaked', body, from)
const subjects = async (email: string) => (await house.mails(email)).map(({ subject }) => subject)

test('who makes a key and the owners hear once that it was revoked; it is refused from the next request on', async () => {
  const { email, who, make } = await owner()
  const { id, key } = await make()
  expect(await call(key)).toBe(200)
  await house.ask('DELETE', `/api/v1/keys/${id}`, undefined, who)
  expect(await call(key)).toBe(401)
  const told = (await subjects(email)).filter((subject) => subject.includes('was revoked'))
  expect(told).toHaveLength(1)
})

test('a key that is found in public is revoked, and its owner hears of it once without reading the key', async () => {
  const { email, who, make } = await owner()
  const { id, key } = await make()
  const found = { token: key, type: 'apigate', url: 'https://code.example/engines', source: 'content' }
  const answer = await report(found)
  expect([answer.status, answer.body.data]).toEqual([202, { received: 1 }])
  await report({ reports: [found, { token: `ak_${'0'.repeat(64)}` }] })
  await house.running.settle()
  expect(await call(key)).toBe(401)
  const { keys } = (await house.ask('GET', '/api/v1/keys', undefined, who)).body.data
  expect(keys[0]).toMatchObject({ id, is_active: false, leaked_at: expect.any(String) })
  const mails = (await house.mails(email)).filter(({ subject }) => subject.includes('found in public'))
  expect(mails).toHaveLength(1)
  // What strangers wrote is text in a mail, and no link.
  expect(mails[0]?.text.replaceAll('\u200c', '')).toContain('https://code.example/engines')
  expect(mails[0]?.text).not.toContain('https://code.example/engines')
  expect(JSON.stringify(mails)).not.toContain(key)
  const actions = (await house.api('GET', '/admin/audit?limit=100')).body.data.map(
    ({ action }: { action: string }) => action,
  )
  expect(actions).toEqual(expect.arrayContaining(['api_key.flag_leak', 'api_key.revoke']))
})

test('a report of what is no key gets the same answer as one of a key', async () => {
  const { make } = await owner()
  const texts = [(await make()).key, `ak_${'1'.repeat(64)}`, 'x', 'not a key at all']
  const answers = await Promise.all(texts.map((token) => report({ token })))
  const same = answers.map(({ status, text }) => [status, text.replace(/req_\w+/, 'req')])
  expect(new Set(same.map(String)).size).toBe(1)
  const jobs = JSON.stringify((await house.api('GET', '/admin/jobs?limit=100')).body)
  for (const token of texts.slice(0, 2)) expect(jobs).not.toContain(token)
})

test('reports are bounded in size and number, and name what is wrong with them', async () => {
  for (const [body, field] of [
    [{}, 'token'],
    [{ token: 7 }, 'token'],
    [{ token: 'x'.repeat(257) }, 'token'],
    [{ token: 'x', wings: 2 }, 'wings'],
    [{ token: 'x', url: 'a\r\nb' }, 'url'],
    [{ reports: [] }, 'reports'],
    [{ reports: Array(101).fill({ token: 'x' }) }, 'reports'],
    [{ reports: [{ token: 'x' }, {}] }, 'reports[1].token'],
  ] as const) {
    const answer = await report(body)
    expect([field, answer.status, answer.body.error.details.field]).toEqual([field, 400, field])
  }
  const from = house.fresh()
  const statuses: number[] = []
  for (let index = 0; index < 40; index++) statuses.push((await report({ token: 'x' }, from)).status)
  expect(statuses.filter((status) => status === 202)).toHaveLength(30)
  expect((await report({ token: 'x' })).status).toBe(202)
})

test('where the setting says so, a leaked key is only flagged', async () => {
  const setting = await house.create('settings', { key: 'auth.leaked_keys', value: 'flag' })
  const { email, make } = await owner()
  const { key } = await make()
  await report({ token: key })
  await house.running.settle()
  expect(await call(key)).toBe(200)
  const mail = (await house.mails(email)).find(({ subject }) => subject.includes('found in public'))
  expect(mail?.text).toContain('It still works')
  await house.api('DELETE', `/api/settings/${setting['id']}`)
})

test('owners hear once a month of each of 50, 80 and 100 % of their cap', async () => {
  const { email, who, make } = await owner()
  const { key } = await make()
  await house.ask('PUT', '/api/v1/spending/cap', { cap: 10 }, who)
  const alerts = async (calls: number) => {
    for (let index = 0; index < calls; index++) await call(key)
    await house.usageEvents()
    house.clock.advance(61_000)
    await house.running.settle()
    await house.running.settle()
    return (await subjects(email)).flatMap((subject) => /reached (\d+) %/.exec(subject)?.[1] ?? [])
  }
  expect(await alerts(4)).toEqual([])
  expect(await alerts(1)).toEqual(['50'])
  expect(await alerts(1)).toEqual(['50'])
  expect(await alerts(2)).toEqual(['50', '80'])
  expect(await alerts(5)).toEqual(['50', '80', '100'])
  expect(await alerts(3)).toEqual(['50', '80', '100'])
  const shown = (await house.ask('GET', '/api/v1/spending', undefined, who)).body.data
  expect(shown).toMatchObject({ cap: 10, spent: [{ currency: 'USD', amount: 10 }] })
})

test('a sign-in from elsewhere or with something else is told once; one from where one was is not', async () => {
  const { email } = await owner()
  const signIn = (headers: Headers) => house.ask('POST', '/api/v1/auth/login', { email, password }, headers)
  const told = async () =>
    (await house.mails(email)).filter(({ subject }) => subject.startsWith('New sign-in')).length
  const home = { 'x-forwarded-for': '198.51.100.7', 'user-agent': 'Browser/1' }
  expect((await signIn(home)).status).toBe(200)
  expect(await told()).toBe(1)
  await signIn(home)
  expect(await told()).toBe(1)
  await signIn({ ...home, 'user-agent': 'Other/2' })
  expect(await told()).toBe(2)
  await signIn({ ...home, 'x-forwarded-for': '198.51.100.8' })
  expect(await told()).toBe(3)
})

test('the last use of a key is written down in a batch, and is no change of the record', async () => {
  const { who, make } = await owner()
  const { id, key } = await make()
  // The mail about the key is an event of its own, some time after it.
  await house.running.settle()
  const before = await house.records.get('api_key', id)
  await call(key)
  house.clock.advance(5_000)
  await call(key)
  const at = new Date(house.clock.now()).toISOString()
  const events = await house.running.house.engine.lastSeq()
  await house.usageEvents()
  const { keys } = (await house.ask('GET', '/api/v1/keys', undefined, who)).body.data
  expect(keys[0].last_used_at).toBe(at)
  expect((await house.records.get('api_key', id))?.updated_at).toBe(before?.updated_at)
  expect(await house.running.house.engine.lastSeq()).toBe(events)
})
