import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { watch } from '#test/support/live-client.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream } from '#test/support/upstream.ts'
import { startControl } from '../control/control-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.close())

const ids = (messages: readonly { id: string }[]): string[] => messages.map(({ id }) => id)
let plans = 0
let gateways = 0
const makePlan = (): Promise<{ id: string; name: string }> =>
  house.create('plans', { name: `live-${plans++}` })

describe('a live connection', () => {
  test('tells what happens to the records of its module and to no others, in the form that is promised', async () => {
    const client = await watch(house.url, '/ws/plan', { token: house.token })
    const plan = await makePlan()
    await house.create('upstreams', { name: 'elsewhere', base_url: 'http://127.0.0.1:9' })
    await house.api('PATCH', `/api/plans/${plan.id}`, { price_monthly: 7 })
    await house.api('DELETE', `/api/plans/${plan.id}`)
    const messages = await client.received(3)
    expect(messages.map(({ event }) => event)).toEqual(['plan.created', 'plan.updated', 'plan.deleted'])
    expect(Object.keys(messages[1] ?? {})).toEqual(['event', 'id', 'data', 'at'])
    expect(messages[1]?.data).toMatchObject({ id: plan.id, name: plan.name, price_monthly: 7 })
    expect(messages[1]?.id).toMatch(/^evt_/)
  })

  test('answers under the plural, too, and tells of what hooks emit', async () => {
    const client = await watch(house.url, '/ws/api-keys', { token: house.token })
    const key = await house.create('api_keys', { organization_id: 'operator', name: 'live' })
    await house.api('POST', `/api/api_keys/${key.id}/revoke`, {})
    const events = (await client.received(3)).map(({ event }) => event)
    expect(events).toEqual(['api_key.created', 'api_key.revoke', 'api_key.revoked'])
  })

  test('never carries a secret or an internal field', async () => {
    const client = await watch(house.url, '/ws/upstream', { token: house.token })
    await house.create('upstreams', {
      name: 'guarded',
      base_url: 'http://127.0.0.1:9',
      auth_type: 'bearer',
      auth_value_encrypted: 'hunter2',
    })
    const [message] = await client.received(1)
    expect(JSON.stringify(message)).not.toMatch(/hunter2|auth_value/)
    const keys = await watch(house.url, '/ws/api_key', { token: house.token })
    await house.create('api_keys', { organization_id: 'operator' })
    expect(Object.keys((await keys.received(1))[0]?.data ?? {})).not.toContain('hash')
  })

  test('goes on after the event that was seen last: nothing missing, nothing twice', async () => {
    const all = await watch(house.url, '/ws/plan', { token: house.token })
    for (let count = 0; count < 150; count++) await makePlan()
    const seen = [...(await all.received(150))]
    const middle = seen[74]?.id ?? ''
    const resumed = await watch(house.url, `/ws/plan?since=${middle}`, { token: house.token })
    const making = Promise.all(Array.from({ length: 20 }, makePlan))
    expect(ids(await resumed.received(95)).slice(0, 75)).toEqual(ids(seen.slice(75)))
    await making
    await all.received(170)
    expect(ids(resumed.messages)).toEqual(ids(all.messages).slice(75))
    expect(new Set(ids(all.messages)).size).toBe(170)
  })

  test('tells what other processes commit', async () => {
    const client = await watch(house.url, '/ws/plan', { token: house.token })
    const { runApigate } = await import('../cli/run-apigate.ts')
    const args = ['plans', 'create', '--name', 'from-outside', '--data', house.dataDirectory]
    expect((await runApigate(args, { cwd: house.dataDirectory })).exitCode).toBe(0)
    expect((await client.received(1))[0]?.data['name']).toBe('from-outside')
  })

  test('says so when the event to go on from is not kept', async () => {
    const client = await watch(house.url, '/ws/plan?since=evt_never', { token: house.token })
    expect(await client.closed()).toMatchObject({ code: 4410 })
  })

  test('is closed to strangers, unknown addresses and unknown parameters, with our error body', async () => {
    const refusals: [string, Parameters<typeof watch>[2], string][] = [
      ['/ws/plan', {}, '401 unauthorized'],
      ['/ws/plan', { token: `opt_${'0'.repeat(64)}` }, '401 unauthorized'],
      ['/ws/plan', { headers: { 'x-api-key': `ak_${'0'.repeat(64)}` } }, '401 unauthorized'],
      ['/ws/nothing', { token: house.token }, '404 not_found'],
      ['/ws/plan?after=x', { token: house.token }, '400 validation_error'],
      ['/ws/admin/requests', {}, '401 unauthorized'],
      ['/ws/admin/requests?since=x', { token: house.token }, '400 validation_error'],
    ]
    for (const [path, options, refusal] of refusals)
      await expect(watch(house.url, path, options)).rejects.toThrow(refusal)
    const plain = await house.api('GET', '/ws/plan')
    expect([plain.status, plain.body.error.type]).toEqual([426, 'upgrade_required'])
  })

  test('takes a token among the protocols, as a browser can send it', async () => {
    const client = await watch(house.url, '/ws/plan', { protocols: ['apigate', `bearer.${house.token}`] })
    expect(client.socket.protocol).toBe('apigate')
    await makePlan()
    await client.received(1)
  })

  test('takes a session only from our own pages', async () => {
    await house.create('operators', { email: 'live@example.com', password: 'correct horse', role: 'support' })
    const signedIn = await house.api('POST', '/admin/login', {
      email: 'live@example.com',
      password: 'correct horse',
    })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    await expect(watch(house.url, '/ws/plan', { headers: { cookie } })).rejects.toThrow('403 forbidden')
    const elsewhere = { cookie, origin: 'https://evil.example' }
    await expect(watch(house.url, '/ws/plan', { headers: elsewhere })).rejects.toThrow('403 forbidden')
    const client = await watch(house.url, '/ws/plan', { headers: { cookie, origin: house.url } })
    await house.api('PATCH', '/api/operators/live@example.com', { status: 'suspended' })
    expect(await client.closed()).toMatchObject({ code: 4401 })
  })

  test('ends when its token is revoked, and what follows is not told', async () => {
    const made = await house.create('operator_tokens', { name: 'live', role: 'support' })
    const client = await watch(house.url, '/ws/plan', { token: made.token })
    await house.api('POST', `/api/operator_tokens/${made.id}/revoke`, {})
    await makePlan()
    expect(await client.closed()).toMatchObject({ code: 4401 })
    expect(client.messages).toEqual([])
  })

  test('expects nothing from clients', async () => {
    const client = await watch(house.url, '/ws/plan', { token: house.token })
    client.socket.send('{}')
    expect(await client.closed()).toMatchObject({ code: 1003 })
  })

  test('that is one too many for its token is refused', async () => {
    const { token } = await house.create('operator_tokens', { name: 'many', role: 'support' })
    for (let count = 0; count < 20; count++) await watch(house.url, '/ws/plan', { token })
    await expect(watch(house.url, '/ws/plan', { token })).rejects.toThrow('429 rate_limit_exceeded')
    await watch(house.url, '/ws/plan', { token: house.token })
  })
})

describe('a client that does not read', () => {
  test('is dropped, and the records do not wait in memory for it', async () => {
    const control = await startControl({ live: { mostWaitingBytes: 1_000, slowAfterMs: 50 } })
    onTestFinished(() => control.stop())
    const client = await watch(control.url, '/ws/spare_part', { token: control.token })
    client.socket.pause()
    const note = 'x'.repeat(500_000)
    const over = client.closed()
    for (let count = 0; count < 40; count++)
      await control.send('POST', '/api/spare_parts', { body: { name: `part-${count}`, note } })
    client.socket.resume()
    expect(await over).toMatchObject({ code: 4408 })
    expect(client.messages.length).toBeLessThan(40)
  })

  test('and does not answer pings is ended', async () => {
    const control = await startControl({ live: { pingEveryMs: 30 } })
    onTestFinished(() => control.stop())
    const client = await watch(control.url, '/ws/spare_part', { token: control.token })
    client.socket.pong = () => undefined
    ;(client.socket as unknown as { _autoPong: boolean })._autoPong = false
    expect(await client.closed()).toMatchObject({ code: 1006 })
  })
})

test('an instance that stops tells its live clients', async () => {
  const other = await startHouse()
  const client = await watch(other.url, '/ws/plan', { token: other.token })
  const closed = client.closed()
  await other.close()
  expect(await closed).toMatchObject({ code: 1001 })
})

describe('following requests', () => {
  const aPerson = {
    organization_name: 'Lookers',
    full_name: 'Ada',
    email: 'on-looker@example.com',
    password: 'correct horse battery',
  }

  test('tells operators what the gateway counted, and nobody what was counted before they looked', async () => {
    const call = await openGateway(house)
    await call('/parcels/before')
    await house.running.drainUsage()
    const client = await watch(house.url, '/ws/admin/requests', { token: house.token })
    await call('/parcels/7?secret=yes')
    const [message] = await client.received(1)
    expect(message).toMatchObject({ event: 'requests', data: { counted: 1 } })
    const [request] = (message?.data['requests'] ?? []) as Record<string, unknown>[]
    expect(request).toMatchObject({ method: 'GET', path: '/parcels/7', status: 200, units: 1 })
    expect(request?.['organization_id']).toMatch(/^org_/)
  })

  test('is closed to people of every organization', async () => {
    const signedUp = await fetch(`${house.url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(aPerson),
    })
    const { token } = ((await signedUp.json()) as { data: { token: string } }).data
    await watch(house.url, '/ws/api_key', { token })
    await expect(watch(house.url, '/ws/admin/requests', { token })).rejects.toThrow('403 forbidden')
  })

  test('ends when its token is revoked, and what follows is not told', async () => {
    const call = await openGateway(house)
    const made = await house.create('operator_tokens', { name: 'looks on', role: 'support' })
    const client = await watch(house.url, '/ws/admin/requests', { token: made.token })
    await house.api('POST', `/api/operator_tokens/${made.id}/revoke`, {})
    await call('/parcels/8')
    expect(await client.closed()).toMatchObject({ code: 4401 })
    expect(client.messages).toEqual([])
  })
})

/** A route to an upstream, and how it is called with a key. */
async function openGateway(at: TestHouse): Promise<(path: string) => Promise<void>> {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  const name = `parcels-${gateways++}`
  const { id } = await at.create('upstreams', { name, base_url: upstream.url })
  const route = await at.create('routes', { name, path_pattern: '/parcels/*', upstream_id: id })
  onTestFinished(async () => void (await at.api('DELETE', `/api/routes/${route.id}`)))
  const customer = await at.create('organizations', { name })
  const { key } = await at.create('api_keys', { organization_id: customer.id, name })
  return async (path) => {
    const answer = await fetch(`${at.url}${path}`, { headers: { authorization: `Bearer ${key}` } })
    await answer.body?.cancel()
    expect(answer.status).toBe(200)
  }
}

test('with several workers it is the same connection', async () => {
  const other = await startHouse({ env: { APIGATE_WORKERS: '2' } })
  onTestFinished(() => other.close())
  const call = await openGateway(other)
  const requests = await watch(other.url, '/ws/admin/requests', { token: other.token })
  await call('/parcels/9')
  expect((await requests.received(1))[0]?.data).toMatchObject({ counted: 1, requests: [{ status: 200 }] })
  const client = await watch(other.url, '/ws/plan', { token: other.token })
  await other.create('plans', { name: 'through-a-worker' })
  expect((await client.received(1))[0]?.data['name']).toBe('through-a-worker')
  await expect(watch(other.url, '/ws/plan', {})).rejects.toThrow('401 unauthorized')
})
