import { expect, test } from 'vitest'
import { addEndpoint, isSigned, makeKey, receivedBy, receiver, webhookHouse } from './webhook-house.ts'

const types = (upstream: Parameters<typeof receivedBy>[0]) => receivedBy(upstream).map(({ type }) => type)

test('a customer hears of what happens in the own organization, signed, with what the API shows and nothing secret', async () => {
  const house = await webhookHouse()
  const [ada, eve] = [await house.customer('ada'), await house.customer('eve')]
  const hooks = await receiver()
  const { secret } = await addEndpoint(ada, `${hooks.url}/ada?x=1`)
  const spy = await receiver()
  await addEndpoint(eve, spy.url)
  const key = await ada.ask('POST', '/api/v1/keys', { name: 'shop' })
  await house.deliver()
  const [seen] = hooks.seen
  expect(types(hooks)).toEqual(['api_key.created'])
  expect(types(spy)).toEqual([])
  expect(seen).toMatchObject({ method: 'POST', url: '/ada?x=1' })
  expect(seen !== undefined && isSigned(seen, secret)).toBe(true)
  const [event] = receivedBy(hooks)
  expect(seen?.headers['webhook-id']).toBe(event?.id)
  expect(event?.id).toMatch(/^evt_/)
  expect(event?.timestamp).toBe('2026-11-20T12:00:00.000Z')
  const shown = await ada.ask('GET', `/api/api_keys/${key.body.data.id}`)
  expect(event?.data).toEqual({ ...shown.body.data })
  expect(seen?.body).not.toContain(key.body.data.key)
  expect(seen?.body).not.toMatch(/hash|secret/)
  expect(await house.deliveries()).toMatchObject([
    { type: 'api_key.created', state: 'delivered', attempts: 1, response_status: 200, error: null },
  ])
})

test('an endpoint hears of the types that it wants; the platform hears of everybody, but of no sign-in that is in use and of no delivery', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const [some, all] = [await receiver(), await receiver()]
  await addEndpoint(ada, some.url, { events: ['api_key.revoked', 'membership.*'] })
  await addEndpoint({ ask: house.api }, all.url)
  const id = await makeKey(ada, 'shop')
  await ada.ask('DELETE', `/api/v1/keys/${id}`)
  await house.register('bob@example.com')
  await house.deliver()
  await house.deliver()
  expect(types(some)).toEqual(['api_key.revoked'])
  const told = types(all)
  expect(told).toEqual(expect.arrayContaining(['api_key.created', 'api_key.revoked', 'user.created']))
  expect(told.filter((type) => /^webhook_delivery|touch|note_health/.test(type))).toEqual([])
  expect(all.seen.map(({ body }) => body).join()).not.toMatch(/password_hash|"hash"|whsec_/)
})

test('a later event of a record waits for the earlier one; other records do not, and nothing is lost while the receiver is down', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const hooks = await receiver()
  await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  const taken: string[] = []
  let isDown = true
  hooks.answer((_request, response, { body }) => {
    const { type, data } = JSON.parse(body)
    const isRefused = isDown && data.name === 'first'
    if (!isRefused) taken.push(`${data.name} ${type}`)
    response.writeHead(isRefused ? 503 : 204).end()
  })
  const first = await makeKey(ada, 'first')
  await ada.ask('DELETE', `/api/v1/keys/${first}`)
  await makeKey(ada, 'second')
  await house.deliver()
  expect(taken).toEqual(['second api_key.created'])
  expect(hooks.seen).toHaveLength(2)
  await makeKey(ada, 'third')
  house.clock.advance(4_999)
  await house.deliver()
  isDown = false
  expect(taken).toEqual(['second api_key.created', 'third api_key.created'])
  house.clock.advance(1_000)
  await house.deliver()
  expect(taken.slice(2)).toEqual(['first api_key.created', 'first api_key.revoke', 'first api_key.revoked'])
  expect((await house.deliveries('state=delivered')).length).toBe(5)
  expect(new Set(receivedBy(hooks).map(({ id }) => id)).size).toBe(5)
})

test('five attempts are made over two and a half hours, each signed anew for its time under the same id; then it is given up and the next one goes', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const hooks = await receiver()
  const { id: endpoint, secret, path } = await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  hooks.answer((_request, response) => response.writeHead(500).end())
  const key = await makeKey(ada, 'shop')
  const times: number[] = []
  for (let minutes = 0; minutes < 400; minutes++) {
    await house.deliver()
    while (times.length < hooks.seen.length) times.push(minutes)
    house.clock.advance(60_000)
    if (times.length === 5) break
  }
  expect(times.map((time, at) => time - (times[at - 1] ?? 0)).slice(2)).toEqual([
    expect.toSatisfy((gap: number) => gap >= 5 && gap <= 7),
    expect.toSatisfy((gap: number) => gap >= 30 && gap <= 34),
    expect.toSatisfy((gap: number) => gap >= 120 && gap <= 133),
  ])
  expect(new Set(hooks.seen.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(5)
  expect(new Set(hooks.seen.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(hooks.seen.map(({ body }) => body)).size).toBe(1)
  expect(hooks.seen.every((one) => isSigned(one, secret))).toBe(true)
  const [failed] = await house.deliveries()
  expect(failed).toMatchObject({ state: 'failed', attempts: 5, response_status: 500, next_attempt_at: null })
  expect(failed.error).toBe('The receiver answered 500')
  expect((await house.endpoint(endpoint)).failing_since).toBe('2026-11-20T12:00:00.000Z')

  hooks.answer((_request, response) => response.end())
  await ada.ask('DELETE', `/api/v1/keys/${key}`)
  await house.deliver()
  expect(types(hooks).slice(5)).toEqual(['api_key.revoke', 'api_key.revoked'])
  expect((await house.endpoint(endpoint)).failing_since).toBeNull()

  await ada.ask('POST', `${path}/replay`, { since: '2026-11-20T00:00:00Z' })
  await house.deliver()
  expect(types(hooks).slice(7)).toEqual(['api_key.created'])
  expect(hooks.seen.at(-1)?.headers['webhook-id']).toBe(hooks.seen[0]?.headers['webhook-id'])
  expect(await house.deliveries('state=failed')).toEqual([])
  const again = await ada.ask('POST', `/api/webhook_deliveries/${failed.id}/replay`, {})
  expect(again.status).toBe(200)
  await house.deliver()
  expect(hooks.seen).toHaveLength(9)
  expect((await house.deliveries())[0]).toMatchObject({ attempts: 7, state: 'delivered' })
  const metrics = await house.api('GET', '/metrics')
  expect(metrics.body).toContain('webhook_deliveries_total{outcome="delivered"} 4')
  expect(metrics.body).toContain('webhook_deliveries_total{outcome="failed"} 5')
})

test('a receiver that hangs holds no other one up', async () => {
  const house = await webhookHouse()
  const [ada, eve] = [await house.customer('ada'), await house.customer('eve')]
  const [slow, fast] = [await receiver(), await receiver()]
  const held: (() => void)[] = []
  slow.answer((_request, response) => void held.push(() => response.end()))
  await addEndpoint(ada, slow.url)
  await addEndpoint(eve, fast.url)
  for (let n = 0; n < 10; n++) await makeKey(ada, `slow ${n}`)
  for (let n = 0; n < 10; n++) await makeKey(eve, `fast ${n}`)
  const done = house.deliver()
  await expect.poll(() => fast.seen.length).toBe(10)
  // Never more than four at a time at one receiver.
  expect(slow.seen.length).toBeLessThanOrEqual(4)
  for (; slow.seen.length < 10 || held.length > 0; await new Promise(setImmediate)) held.shift()?.()
  await done
  expect(slow.seen).toHaveLength(10)
})

test('while a new secret takes over both sign, and after the grace the former one is worth nothing', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const hooks = await receiver()
  const { secret: former, path } = await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  const rotated = await ada.ask('POST', `${path}/rotate_secret`, { grace_seconds: 3_600 })
  const { secret } = rotated.body.data
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  const shown = JSON.stringify((await ada.ask('GET', path)).body)
  for (const one of [former, secret]) expect(shown).not.toContain(one)
  for (const wait of [0, 3_599_000, 1_000]) {
    house.clock.advance(wait)
    await makeKey(ada, `after ${wait}`)
    await house.deliver()
  }
  expect(hooks.seen.map((one) => [isSigned(one, former), isSigned(one, secret)])).toEqual([
    [true, true],
    [true, true],
    [false, true],
  ])
})

test('a test event goes to its endpoint alone, whatever that wants to hear of', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const [one, other] = [await receiver(), await receiver()]
  const { secret, path } = await addEndpoint(ada, one.url, { events: ['plan.*'] })
  await addEndpoint(ada, other.url)
  await house.deliver()
  other.seen.length = 0
  expect((await ada.ask('POST', `${path}/test`, {})).status).toBe(200)
  await house.deliver()
  expect(types(one)).toEqual(['webhook_endpoint.test'])
  expect(one.seen[0] !== undefined && isSigned(one.seen[0], secret)).toBe(true)
  expect(types(other)).toEqual([])
  await ada.ask('POST', `${path}/pause`, {})
  expect((await ada.ask('POST', `${path}/test`, {})).status).toBe(409)
})

test('what happens while an endpoint rests waits for it; of one that is deleted nothing is left', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const hooks = await receiver()
  const { path } = await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  await ada.ask('POST', `${path}/pause`, {})
  for (const name of ['one', 'two']) await makeKey(ada, name)
  await house.deliver()
  expect(types(hooks)).toEqual([])
  await ada.ask('POST', `${path}/activate`, {})
  await house.deliver()
  expect(receivedBy(hooks).map(({ data }) => data.name)).toEqual(['one', 'two'])
  expect((await ada.ask('DELETE', path)).status).toBe(204)
  await house.deliver()
  expect(await house.deliveries()).toEqual([])
})

test('an endpoint that takes nothing for five days is disabled, its owners are told once, and activating it sends what has waited', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const hooks = await receiver()
  const { id, path } = await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  hooks.answer((_request, response) => response.writeHead(500).end())
  await house.setting('webhooks.attempts', '2')
  for (let day = 0; day < 6; day++) {
    await makeKey(ada, `day ${day}`)
    for (const wait of [0, 6_000]) {
      house.clock.advance(wait)
      await house.deliver()
    }
    house.clock.advance(day < 5 ? 86_400_000 : 0)
  }
  expect(await house.endpoint(id)).toMatchObject({
    status: 'disabled',
    last_error: 'The receiver answered 500',
    failing_since: '2026-11-20T12:00:00.000Z',
  })
  const told = (await house.mails(ada.email)).filter(({ subject }) => /webhook/.test(subject))
  expect(told).toHaveLength(1)
  expect(told[0]?.text).toContain(new URL(hooks.url).host)
  const before = hooks.seen.length
  await makeKey(ada, 'later')
  await house.deliver()
  expect(hooks.seen).toHaveLength(before)
  hooks.answer((_request, response) => response.end())
  await ada.ask('POST', `${path}/activate`, {})
  await house.deliver()
  expect(receivedBy(hooks).at(-1)?.data.name).toBe('later')
})

test('a receiver that says it is gone is believed at once, and the platform hears of its own endpoints as a notification', async () => {
  const house = await webhookHouse()
  const hooks = await receiver()
  const { id } = await addEndpoint({ ask: house.api }, hooks.url, { events: ['organization.*'] })
  hooks.answer((_request, response) => response.writeHead(410).end())
  await house.customer('ada')
  await house.deliver()
  expect(await house.endpoint(id)).toMatchObject({
    status: 'disabled',
    last_error: 'The receiver answered 410',
  })
})

test('deliveries are forgotten after their time', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const hooks = await receiver()
  await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  await makeKey(ada, 'old')
  await house.deliver()
  house.clock.advance(29 * 86_400_000)
  await house.running.settle()
  house.clock.advance(86_400_000 - 1)
  await house.create('api_keys', { name: 'young', organization_id: ada.organization })
  await house.deliver()
  house.clock.advance(86_400_000)
  await house.running.settle()
  expect(await house.deliveries()).toHaveLength(1)
})
