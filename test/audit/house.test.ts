import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashOf } from '#core/audit/hash.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

let house: TestHouse
const password = 'correct horse battery'
beforeAll(async () => {
  house = await startHouse({ env: { APIGATE_TRUSTED_PROXIES: '127.0.0.1' } })
  await house.create('operators', { email: 'sam@example.com', password, name: 'Sam', role: 'support' })
})
afterAll(() => house.close())

const audit = async (search = ''): Promise<Record<string, unknown>[]> =>
  (await house.api('GET', `/admin/audit${search}`)).body.data
const signIn = (email: string, secret: string) =>
  fetch(`${house.url}/admin/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.1, 203.0.113.4' },
    body: JSON.stringify({ email, password: secret }),
  })

test('a write over HTTP tells who sent it, from where, with what, and under which request id', async () => {
  const plan = await house.create('plans', { name: 'gold', rate_limit_per_minute: 5, requests_per_month: 9 })
  const asked = await house.api(
    'PATCH',
    `/api/plans/${plan.id}`,
    { price_monthly: 700 },
    {
      'x-forwarded-for': '10.9.9.9, 203.0.113.5',
      'user-agent': 'terraform/1',
      'x-request-id': 'req_of_the_client',
    },
  )
  expect(asked.status).toBe(200)
  expect((await audit(`?record=${plan.id}&action=plan.update`))[0]).toMatchObject({
    chain: 'instance',
    actor_kind: 'operator',
    actor_id: expect.stringMatching(/^opt_/),
    outcome: 'done',
    ip: '203.0.113.5',
    user_agent: 'terraform/1',
    request_id: 'req_of_the_client',
    changes: { price_monthly: { before: 0, after: 700 } },
  })
})

test('sign-ins are kept with the account, and failed ones with what was typed where it is an address', async () => {
  expect((await signIn('sam@example.com', password)).status).toBe(200)
  expect((await signIn('sam@example.com', 'wrong')).status).toBe(401)
  expect((await signIn('hunter2', 'wrong')).status).toBe(401)
  expect(await audit('?action=session.create')).toMatchObject([
    { actor_kind: 'operator', actor_id: expect.stringMatching(/^opr_/), ip: '203.0.113.4' },
  ])
  expect(await audit('?action=sign_in&outcome=invalid_credentials')).toMatchObject([
    { changes: {}, ip: '203.0.113.4' },
    { changes: { email: 'sam@example.com' }, actor_id: 'anonymous' },
  ])
})

test('whoever is known and refused is remembered, at an address of superadmins as at a record', async () => {
  const signed = await signIn('sam@example.com', password)
  const cookie = (signed.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const ask = (method: string, path: string) =>
    fetch(house.url + path, {
      method,
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: '{}' } : {}),
    })
  expect((await ask('DELETE', '/api/plans/free')).status).toBe(403)
  expect((await ask('POST', '/admin/config/apply')).status).toBe(403)
  expect(await audit('?outcome=forbidden')).toMatchObject([
    { action: 'POST /admin/config/apply', actor_id: expect.stringMatching(/^opr_/) },
    { action: 'DELETE /api/plans/:id', record_id: 'free' },
  ])
  expect((await ask('GET', '/admin/audit')).status).toBe(200)
})

test('pages, filters and their mistakes', async () => {
  const first = await house.api('GET', '/admin/audit?limit=2')
  expect(first.body.meta).toMatchObject({ limit: 2, has_more: true, next_cursor: expect.any(String) })
  const second = await house.api('GET', `/admin/audit?limit=2&cursor=${first.body.meta.next_cursor}`)
  expect(second.body.data[0].seq).not.toBe(first.body.data[1].seq)
  const wrong = await house.api('GET', '/admin/audit?colour=red&limit=0&from=yesterday&cursor=x&action=')
  expect(wrong.body.error.details.errors.map(({ field }: { field: string }) => field)).toEqual([
    'colour',
    'limit',
    'from',
    'cursor',
    'action',
  ])
})

test('an export has every entry with its hash, which anybody can work out again, and is in the log itself', async () => {
  const answer = await fetch(`${house.url}/admin/audit/export?organization_id=instance`, {
    headers: { authorization: `Bearer ${house.token}` },
  })
  expect(answer.headers.get('content-type')).toContain('x-ndjson')
  const lines = (await answer.text()).trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line))
  expect(entries.length).toBeGreaterThan(10)
  for (const entry of entries) expect(hashOf(entry)).toBe(entry.hash)
  expect(entries.at(-1)).toMatchObject({ action: 'audit.export', actor_kind: 'operator' })
})

test('a spreadsheet does not run what a stranger has written into a CSV export', async () => {
  await house.api('POST', '/api/plans', { name: 'evil' }, { 'user-agent': '=cmd|"/c calc"!A1' })
  const { body, headers } = await house.api('GET', '/admin/audit/export?format=csv')
  expect(headers.get('content-type')).toContain('text/csv')
  expect(body.split('\r\n')[0]).toMatch(/^chain,seq,at,/)
  expect(body).toContain(`"'=cmd|""/c calc""!A1"`)
})

test('a client that leaves in the middle of an export leaves nothing running', async () => {
  await new Promise<void>((resolve) => {
    const asked = request(
      `${house.url}/admin/audit/export`,
      { headers: { authorization: `Bearer ${house.token}` } },
      (answer) => answer.once('data', () => asked.destroy()),
    )
    asked.on('close', resolve).on('error', () => undefined)
    asked.end()
  })
  expect((await house.api('POST', '/admin/audit/verify', {})).body.data.is_intact).toBe(true)
})

test('a verification answers the ends to keep outside, and compares with those that were', async () => {
  const first = (await house.api('POST', '/admin/audit/verify', {})).body.data
  expect(first).toMatchObject({ is_intact: true, problems: [] })
  const again = await house.api('POST', '/admin/audit/verify', { ends: first.ends })
  expect(again.body.data.is_intact).toBe(true)
  const forged = first.ends.map((end: object) => ({ ...end, hash: 'other' }))
  expect((await house.api('POST', '/admin/audit/verify', { ends: forged })).body.data.is_intact).toBe(false)
  expect((await house.api('POST', '/admin/audit/verify', { ends: [{}] })).status).toBe(400)
})

test('nobody reads the log without credentials', async () => {
  for (const [method, path] of [
    ['GET', '/admin/audit'],
    ['GET', '/admin/audit/export'],
    ['POST', '/admin/audit/verify'],
  ] as const)
    expect((await fetch(house.url + path, { method })).status).toBe(401)
})
