import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bombard } from '#test/support/bombard.ts'
import { type Customer, makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

// A cent for each call past the two that are included.
const priced = { quota_mode: 'soft', requests_per_month: 2, overage_unit_price: '0.01' }
const clock = frozenClock()
let house: TestHouse
let upstream: Upstream
let customer: Customer
let routeId = ''

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse({ clock })
  routeId = (await makeRoute(house, upstream.url)).routeId
  await makeRoute(house, upstream.url, { path_pattern: '/orders/*', scopes: ['orders:read', 'orders:write'] })
  await makeRoute(house, upstream.url, {
    path_pattern: '/tokens/*',
    metering_mode: 'response_field',
    metering_expr: 'used',
    metering_max: 10,
  })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(async () => {
  customer = await makeCustomer(house, priced)
})

async function call(key = customer.key, path = '/x'): Promise<[number, string?]> {
  const response = await fetch(`${house.url}${path}`, { headers: { 'x-api-key': key } })
  const body = (await response.json()) as { error?: { type: string } }
  return body.error === undefined ? [response.status] : [response.status, body.error.type]
}
const served = [200]
const spent = [402, 'spend_cap_exceeded']

async function act(plural: string, id: string, action: string, input: object): Promise<void> {
  const answer = await house.api('POST', `/api/${plural}/${id}/${action}`, input)
  expect([answer.status, answer.body.error]).toEqual([200, undefined])
}
const capOrganization = (cap: number) =>
  act('organizations', customer.organizationId, 'cap_spending', { cap })
const capKey = (cap: number, id = customer.keyId) => act('api_keys', id, 'restrict', { new_spend_cap: cap })

/** How many of so many calls are served, one after the other; the others are refused by a cap. */
async function servedOf(count: number, key = customer.key): Promise<number> {
  let passed = 0
  for (let index = 0; index < count; index++) {
    const answer = await call(key)
    if (answer[0] === 200) passed += 1
    else expect(answer).toEqual(spent)
  }
  return passed
}

describe('the scopes that a route asks for', () => {
  it('let only keys pass that have all of them, from the next request on', async () => {
    expect(await call(customer.key, '/orders/1')).toEqual([403, 'insufficient_scope'])
    for (const [scopes, answer] of [
      [['orders:read'], [403, 'insufficient_scope']],
      [['orders:read', 'orders:write', 'more'], served],
      [['*'], served],
      [[], [403, 'insufficient_scope']],
    ] as const) {
      await act('api_keys', customer.keyId, 'restrict', { new_scopes: scopes })
      expect([scopes, await call(customer.key, '/orders/1')]).toEqual([scopes, answer])
    }
    expect(await call()).toEqual(served)
  })

  it('are refused with their field where they are none, and where no key is needed', async () => {
    const { routeId } = await makeRoute(house, upstream.url, { path_pattern: '/elsewhere' })
    for (const change of [{ scopes: ['*'] }, { scopes: 'read' }, { scopes: ['a'], auth_required: false }]) {
      const answer = await house.api('PATCH', `/api/routes/${routeId}`, change)
      expect([answer.status, answer.body.error.details.field]).toEqual([400, 'scopes'])
    }
  })
})

describe('the spend cap of an organization', () => {
  it('serves exactly what it pays for past the included calls', async () => {
    await capOrganization(3)
    expect(await servedOf(8)).toBe(5)
    await capOrganization(4)
    expect(await servedOf(3)).toBe(1)
    await capOrganization(-1)
    expect(await servedOf(3)).toBe(3)
  })

  it('of nothing serves what costs nothing', async () => {
    await capOrganization(0)
    expect(await servedOf(4)).toBe(2)
  })

  it('tells what was reached, and when it ends', async () => {
    await capOrganization(0)
    await servedOf(2)
    const answer = await fetch(`${house.url}/x`, { headers: { 'x-api-key': customer.key } })
    const { error } = (await answer.json()) as { error: { details: Record<string, unknown> } }
    expect(error.details).toMatchObject({ cap_of: 'organization', cap: 0, currency: 'USD' })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Date.parse(String(error.details['reset_at']))).toBeGreaterThan(clock.now())
  })

  it('counts in what other subscriptions of it have cost, and still serves what is free', async () => {
    const { organizationId } = customer
    const api = await house.create('apis', {
      organization_id: organizationId,
      name: 'Second',
      slug: 'second',
    })
    await makeRoute(house, upstream.url, { path_pattern: `/${customer.keyId}`, api_id: api.id })
    const plan = await house.create('plans', { ...priced, name: 'second', api_id: api.id })
    const subscription = { organization_id: organizationId, plan_id: plan.id, api_id: api.id }
    await house.create('subscriptions', subscription)
    await capOrganization(3)
    for (let index = 0; index < 4; index++)
      expect(await call(customer.key, `/${customer.keyId}`)).toEqual(served)
    // Two cents are spent elsewhere: the two included calls and one more are left here.
    expect(await servedOf(5)).toBe(3)
    expect(await call(customer.key, `/${customer.keyId}`)).toEqual(spent)
  })

  it('holds the worst case of a metered call, and gives back what it did not cost', async () => {
    upstream.answer((_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{"used":3}')
    })
    try {
      await capOrganization(14)
      // 2 included: 16 units in all, of which each call may take 10 and takes 3.
      expect([await call(customer.key, '/tokens/1'), await call(customer.key, '/tokens/1')]).toEqual([
        served,
        served,
      ])
      expect(await call(customer.key, '/tokens/1')).toEqual(served)
      expect(await call(customer.key, '/tokens/1')).toEqual(spent)
      const events = (await house.usageEvents()).filter((event) => event['api_key_id'] === customer.keyId)
      expect(events.map((event) => event['units'])).toEqual([3, 3, 3])
    } finally {
      upstream.answer((_request, response) => void response.end('{"ok":true}'))
    }
  })
})

describe('the spend cap of a key', () => {
  it('counts each of its calls at the unit price, and leaves the other keys alone', async () => {
    const other = await house.create('api_keys', { user_id: customer.userId, name: 'other' })
    expect(await servedOf(2)).toBe(2)
    await capKey(5)
    expect(await servedOf(6)).toBe(3)
    expect(await call(String(other['key']))).toEqual(served)
  })

  it('goes on with the key that replaces it', async () => {
    await capKey(3)
    expect(await servedOf(2)).toBe(2)
    const next = await house.create('api_keys', {
      organization_id: customer.organizationId,
      replaces_id: customer.keyId,
      name: 'next',
    })
    expect(next['spend_cap']).toBe(3)
    expect(await servedOf(3, String(next['key']))).toBe(1)
    expect(await call()).toEqual(spent)
  })

  it('ends with the month', async () => {
    await capKey(1)
    await capOrganization(0)
    expect(await servedOf(2)).toBe(1)
    clock.advance(40 * 24 * 60 * 60_000)
    expect(await servedOf(2)).toBe(1)
  })
})

describe('the spend cap of an organization on a route', () => {
  const capRoute = async (cap: number): Promise<string> =>
    (await house.create('route_caps', { organization_id: customer.organizationId, route_id: routeId, cap }))
      .id

  async function changeCap(id: string, cap: number | undefined): Promise<void> {
    const address = `/api/route_caps/${id}`
    const done =
      cap === undefined ? await house.api('DELETE', address) : await house.api('PATCH', address, { cap })
    expect(done.status).toBe(cap === undefined ? 204 : 200)
  }

  it('counts each of its calls at the unit price, over all keys, and leaves other routes alone', async () => {
    const other = await house.create('api_keys', { user_id: customer.userId, name: 'other' })
    await act('api_keys', customer.keyId, 'restrict', { new_scopes: ['*'] })
    const id = await capRoute(4)
    expect([await servedOf(3), await servedOf(3, String(other['key']))]).toEqual([3, 1])
    const answer = await fetch(`${house.url}/x`, { headers: { 'x-api-key': customer.key } })
    const { error } = (await answer.json()) as { error: { details: Record<string, unknown> } }
    expect(error.details).toMatchObject({ cap_of: 'route', cap: 4, currency: 'USD' })
    expect(Date.parse(String(error.details['reset_at']))).toBeGreaterThan(clock.now())
    expect(await call(customer.key, '/orders/1')).toEqual(served)
    await changeCap(id, 6)
    expect(await servedOf(4)).toBe(2)
    await changeCap(id, undefined)
    expect(await servedOf(3)).toBe(3)
  })

  it('counts what was used before it was set, once, and begins anew with the month', async () => {
    expect(await servedOf(3)).toBe(3)
    await changeCap(await capRoute(5), 5)
    expect(await servedOf(4)).toBe(2)
    clock.advance(40 * 24 * 60 * 60_000)
    expect(await servedOf(7)).toBe(5)
  })

  it('refuses nobody else, and gives nothing away where another cap refuses', async () => {
    const other = await makeCustomer(house, priced)
    const id = await capRoute(3)
    await capOrganization(0)
    // Two calls are included: what the organization may not pay does not count against the route.
    expect(await servedOf(5)).toBe(2)
    await capOrganization(-1)
    expect(await servedOf(3)).toBe(1)
    expect(await servedOf(4, other.key)).toBe(4)
    await changeCap(id, undefined)
  })

  it('is as it was after a restart, and is refused on what is no route', async () => {
    const dataDirectory = house.dataDirectory
    await capRoute(4)
    expect(await servedOf(3)).toBe(3)
    await house.running.close()
    house = await startHouse({ clock, token: house.token, overrides: { dataDirectory } })
    expect(await servedOf(3)).toBe(1)
    const { organizationId: organization_id } = customer
    for (const [input, status] of [
      [{ organization_id, route_id: 'none', cap: 1 }, 400],
      [{ organization_id, route_id: routeId, cap: -1 }, 400],
      [{ organization_id, route_id: routeId, cap: 1 }, 409],
    ] as const)
      expect([input, (await house.api('POST', '/api/route_caps', input)).status]).toEqual([input, status])
  })
})

describe('prepaid credit', () => {
  const usedUp = [402, 'payment_required']

  async function calls(count: number, path = '/x'): Promise<string> {
    const answers: string[] = []
    for (let index = 0; index < count; index++) answers.push(String((await call(customer.key, path))[0]))
    return answers.join(' ')
  }
  const give = (amount: number, more: object = {}) =>
    house.api('POST', '/admin/billing/credits', {
      organization_id: customer.organizationId,
      amount,
      ...more,
    })
  beforeEach(async () => {
    customer = await makeCustomer(house, { ...priced, payment: 'prepaid' })
  })

  it('is asked for when what is included is used, and serves from the next request on that it pays for', async () => {
    expect(await calls(3)).toBe('200 200 402')
    await give(2)
    expect(await calls(3)).toBe('200 200 402')
    const answer = await fetch(`${house.url}/x`, { headers: { 'x-api-key': customer.key } })
    const { error } = (await answer.json()) as { error: { details: Record<string, unknown> } }
    expect(error).toMatchObject({
      type: 'payment_required',
      details: { reason: 'credit_used_up', available: 0, currency: 'USD', upgrade_url: '/portal/billing' },
    })
    expect(answer.headers.get('retry-after')).toBeNull()
  })

  it('serves what was bought from the moment that the invoice is paid', async () => {
    const sold = await house.running.house.billing.credit.sell({
      organizationId: customer.organizationId,
      origin: `order ${customer.organizationId}`,
      currency: 'USD',
      amountMinor: 3n,
    })
    if (!sold.ok) throw new Error(sold.message)
    expect(await calls(3)).toBe('200 200 402')
    await house.api('POST', `/admin/billing/invoices/${sold.value.invoice.id}/settle`, {
      payment_id: `bank ${customer.organizationId}`,
      amount: 3,
      currency: 'USD',
    })
    expect(await calls(4)).toBe('200 200 200 402')
  })

  it('is not what a cap of the customer is about, which still refuses as a cap', async () => {
    await give(5)
    await capOrganization(1)
    expect(await servedOf(4)).toBe(3)
    await capOrganization(-1)
    expect(await calls(5)).toBe('200 200 200 200 402')
  })

  it('pays for every prepaid plan of an organization, and counts what its other plans will draw from it', async () => {
    const { organizationId: organization_id, keyId } = customer
    const api = await house.create('apis', { organization_id, name: keyId, slug: keyId.replaceAll('_', '-') })
    await makeRoute(house, upstream.url, { path_pattern: `/${keyId}`, api_id: api.id })
    const plan = await house.create('plans', { ...priced, name: keyId, api_id: api.id })
    await house.create('subscriptions', { organization_id, plan_id: plan.id, api_id: api.id })
    await give(5)
    expect(await calls(5, `/${keyId}`)).toBe('200 200 200 200 200')
    expect(await calls(5)).toBe('200 200 200 200 402')
    expect(await calls(1, `/${keyId}`)).toBe('200')
  })

  it('holds the worst case of a metered call, and gives back what it did not cost', async () => {
    upstream.answer((_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{"used":3}')
    })
    try {
      await give(14)
      expect(await calls(4, '/tokens/1')).toBe('200 200 200 402')
    } finally {
      upstream.answer((_request, response) => void response.end('{"ok":true}'))
    }
  })

  it('is as it was after a restart, and no more from the moment that it expires', async () => {
    const dataDirectory = house.dataDirectory
    await give(2)
    await give(3, { expires_at: new Date(clock.now() + 60_000).toISOString() })
    expect(await calls(4)).toBe('200 200 200 200')
    await house.running.close()
    house = await startHouse({ clock, token: house.token, overrides: { dataDirectory } })
    expect(await calls(2)).toBe('200 200')
    clock.advance(60_000)
    expect(await call()).toEqual(usedUp)
    // Four of the calls cost something, and what has expired pays for none of them.
    await give(3)
    expect(await calls(2)).toBe('200 402')
  })

  it('counts what was used before a plan became prepaid', async () => {
    customer = await makeCustomer(house, priced)
    expect(await calls(4)).toBe('200 200 200 200')
    const prepaid = await house.create('plans', {
      ...priced,
      name: `pre ${customer.keyId}`,
      payment: 'prepaid',
    })
    await give(5)
    await act('subscriptions', customer.subscriptionId, 'change_plan', { plan_id: prepaid.id })
    expect(await calls(4)).toBe('200 200 200 402')
  })

  it('pays the invoice of the month to nothing, and nothing of it is there twice or lost while that is made', async () => {
    await give(10)
    expect(await calls(6)).toBe('200 200 200 200 200 200')
    const end = new Date(clock.now())
    clock.set(new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 1, 0, 30)).toISOString())
    // Two are included again: four more are paid for, two of them now.
    expect(await calls(4)).toBe('200 200 200 200')
    clock.advance(60 * 60_000)
    await house.running.drainUsage()
    await house.api('POST', '/admin/billing/run')
    const asked = `organization_id=${customer.organizationId}&status[ne]=draft`
    const invoices = await house.api('GET', `/api/invoices?${asked}`)
    expect(invoices.body.data).toHaveLength(1)
    expect(invoices.body.data[0]).toMatchObject({
      status: 'paid',
      total: 4,
      credit_applied: 4,
      amount_due: 0,
    })
    const { body } = await house.api('GET', '/admin/billing/ledger')
    expect(body.data).toMatchObject({ unbalanced: [], drifted: [] })
    expect(await calls(5)).toBe('200 200 200 200 402')
  })
})

it('both caps are as they were after a restart', async () => {
  const dataDirectory = house.dataDirectory
  await capKey(4)
  expect(await servedOf(3)).toBe(3)
  await house.running.close()
  house = await startHouse({ clock, token: house.token, overrides: { dataDirectory } })
  expect(await servedOf(3)).toBe(1)
  await capKey(-1)
  await capOrganization(4)
  expect(await servedOf(4)).toBe(2)
})

it('a key is rotated under traffic without one refusal, and the old one is refused right after', async () => {
  const { key: old, keyId } = await makeCustomer(house, { requests_per_month: -1, rate_limit_per_minute: -1 })
  const [first, second] = [bombard(`${house.url}/x`, old, 4), bombard(`${house.url}/x`, old, 4)]
  await first.reached(50)
  const made = await house.create('api_keys', {
    organization_id: (await house.api('GET', `/api/api_keys/${keyId}`)).body.data.organization_id,
    replaces_id: keyId,
  })
  await act('api_keys', keyId, 'retire', { grace_seconds: 60 })
  const third = bombard(`${house.url}/x`, String(made['key']), 4)
  await Promise.all([second.reached(150), third.reached(100)])
  await Promise.all([first.stop(), second.stop()])
  clock.advance(59_999)
  expect([await call(old), await call(String(made['key']))]).toEqual([served, served])
  clock.advance(1)
  expect([await call(old), await call(String(made['key']))]).toEqual([[401, 'key_expired'], served])
  await third.stop()
  expect([first.refused, second.refused, third.refused]).toEqual([0, 0, 0])
})
