import { afterAll, beforeAll, expect, test } from 'vitest'
import { usageEvent } from '#test/usage/usage-events.ts'
import { type AccountHouse, startAccounts } from './account-house.ts'

let house: AccountHouse
let routeId = ''
let count = 0
beforeAll(async () => {
  house = await startAccounts()
  const upstream = await house.create('upstreams', { name: 'api', base_url: 'http://127.0.0.1:9' })
  const route = await house.create('routes', { name: 'search', path_pattern: '/*', upstream_id: upstream.id })
  routeId = route.id
  await house.create('plans', {
    name: 'priced',
    is_default: true,
    requests_per_month: 100,
    quota_mode: 'soft',
    overage_unit_price: '0.01',
  })
})
afterAll(() => house.close())

/** Somebody with an organization, and what it uses. */
async function owner() {
  count += 1
  const email = `budget-${count}@example.com`
  const { token, organization } = (await house.register(email)).body.data
  const who = house.bearer(token)
  const where = [{ field: 'organization_id', op: 'eq' as const, value: organization.id }]
  const [subscription] = (await house.records.list('subscription', { where })).items
  return {
    who,
    organizationId: String(organization.id),
    key: async () =>
      (await house.ask('POST', '/api/v1/keys', { name: 'ci' }, who)).body.data as { id: string },
    alert: (input: object) => house.ask('POST', '/api/budget_alerts', input, who),
    async use(keyId: string, units: number, more: object = {}) {
      count += 1
      const event = usageEvent({
        id: `budget_${count}`,
        at: house.clock.now(),
        organization_id: organization.id,
        subscription_id: subscription?.id ?? '',
        api_key_id: keyId,
        units,
        ...more,
      })
      const { usageStore } = house.running.house
      await usageStore.absorb([event], { segment: `budget-${count}`, from: 0, offset: 1 })
    },
    /** What the owner was told, after another look. */
    async told(): Promise<readonly string[]> {
      house.clock.advance(61_000)
      await house.running.settle()
      await house.running.settle()
      const mails = (await house.mails(email)).map(({ subject }) => subject)
      return mails.filter((subject) => subject.includes('of an alert'))
    },
    shown: async () => (await house.ask('GET', '/api/v1/spending/alerts', undefined, who)).body.data.alerts,
  }
}

test('owners hear of each part of an alert once a month: of everything, of one key, and of one route', async () => {
  const { alert, use, told, key, shown } = await owner()
  const [one, other] = [await key(), await key()]
  await alert({ measure: 'units', amount: 100 })
  await alert({ measure: 'units', amount: 40, api_key_id: one.id })
  await alert({ measure: 'units', amount: 60, route_id: routeId })
  await use(one.id, 19)
  expect(await told()).toEqual([])
  await use(other.id, 31, { route_id: routeId })
  expect((await told()).toSorted()).toEqual([
    'The route search has reached 50 % of an alert',
    'The whole use has reached 50 % of an alert',
  ])
  await use(one.id, 21)
  expect(await told()).toHaveLength(3)
  expect(await told()).toContain('The key ci has reached 100 % of an alert')
  expect((await shown()).map(({ used }: { used: number }) => used).toSorted()).toEqual([31, 40, 71])
})

test('what a key costs is counted at the unit price, what everything costs as it is billed; replaced keys count on', async () => {
  const { alert, use, told, key, shown, who } = await owner()
  const { id } = await key()
  await alert({ measure: 'spend', currency: 'USD', amount: 100 })
  await alert({ measure: 'spend', currency: 'USD', amount: 100, api_key_id: id })
  await use(id, 60)
  const rotated = await house.ask('POST', `/api/v1/keys/${id}/rotate`, {}, who)
  await use(rotated.body.data.id, 50)
  expect(await told()).toEqual(['The key ci has reached 100 % of an alert'])
  const used = new Map(
    (await shown()).map((one: { api_key_id: string | null; used: number }) => [one.api_key_id, one.used]),
  )
  // A hundred are included: of 110 ten are billed.
  expect([used.get(null), used.get(id)]).toEqual([10, 110])
})

test('owners hear when a key comes near its cap', async () => {
  const { use, told, key, who } = await owner()
  const { id } = await key()
  expect((await house.ask('PATCH', `/api/v1/keys/${id}`, { spend_cap: 50 }, who)).status).toBe(200)
  await use(id, 41)
  expect(await told()).toEqual(['The key ci has reached 80 % of an alert'])
})

test('owners hear when a route comes near its cap, and see how near', async () => {
  const { use, told, key, who } = await owner()
  const { id } = await key()
  const made = await house.ask('POST', '/api/route_caps', { route_id: routeId, cap: 50 }, who)
  expect(made.status).toBe(201)
  await use(id, 41, { route_id: routeId })
  await use(id, 30)
  expect(await told()).toEqual(['The route search has reached 80 % of an alert'])
  const { caps } = (await house.ask('GET', '/api/v1/spending/routes', undefined, who)).body.data
  expect(caps).toMatchObject([{ route: 'search', cap: 50, spent: 41, currency: 'USD' }])
  expect(
    (await house.ask('GET', '/api/v1/spending/routes', undefined, (await owner()).who)).body.data,
  ).toEqual({ caps: [] })
})

test('an alert is refused that could never be told or is about somebody else, and nobody else sees one', async () => {
  const { alert, shown, organizationId } = await owner()
  const other = await owner()
  const theirs = await other.key()
  for (const [input, field] of [
    [{ measure: 'spend', amount: 100 }, 'currency'],
    [{ measure: 'units', amount: 100, currency: 'USD' }, 'currency'],
    [{ measure: 'units', amount: 0 }, 'amount'],
    [{ measure: 'hope', amount: 1 }, 'measure'],
    [{ measure: 'units', amount: 1, route_id: 'none' }, 'route_id'],
    [{ measure: 'units', amount: 1, api_key_id: theirs.id }, 'api_key_id'],
  ] as const) {
    const answer = await alert(input)
    expect([answer.status, answer.body.error.details.field], JSON.stringify(input)).toEqual([400, field])
  }
  const foreign = await alert({ measure: 'units', amount: 1, organization_id: other.organizationId })
  expect(foreign.body.data?.organization_id ?? organizationId).toBe(organizationId)
  expect(await other.shown()).toEqual([])
  for (let made = (await shown()).length; made < 50; made += 1)
    expect((await alert({ measure: 'units', amount: 1 })).status).toBe(201)
  expect((await alert({ measure: 'units', amount: 1 })).status).toBe(409)
})
