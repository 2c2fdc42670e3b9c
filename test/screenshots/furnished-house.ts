import { startWeatherApi } from '#examples/weather-api/server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

/** Who signs in to the pages of a furnished instance. */
export const people = {
  operator: { email: 'ada@example.com', password: 'correct horse battery' },
  customer: { email: 'grace@acme.example', password: 'correct horse battery' },
} as const

/** An instance that looks as if it had been used for some weeks. */
export interface FurnishedHouse {
  readonly house: TestHouse
  close(): Promise<void>
}

const dayMs = 86_400_000
const days = 40
const companies = ['Acme', 'Globex', 'Initech', 'Umbrella Weather Services of the Northern Isles'] as const

/** Starts an instance with upstreams, routes, plans, customers, their calls of forty days and what these cost. */
export async function furnishHouse(): Promise<FurnishedHouse> {
  let behindMs = days * dayMs
  const house = await startHouse({ clock: { now: () => Date.now() - behindMs } })
  const weather = await startWeatherApi({ port: 0 })
  const close = async (): Promise<void> => {
    await house.close()
    await weather.close()
  }
  try {
    await makeCatalogue(house, weather.url)
    const keys = await makeCustomers(house)
    for (let day = days; day >= 0; day -= 1) {
      behindMs = day * dayMs
      await callOnDay(house, keys, day)
    }
    await house.running.drainUsage()
    await house.running.house.billing.run()
    await house.running.settle()
    return { house, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function makeCatalogue(house: TestHouse, weatherUrl: string): Promise<void> {
  await house.create('operators', { ...people.operator, name: 'Ada Lovelace', role: 'superadmin' })
  for (const [key, value] of Object.entries({
    'brand.name': 'Meteo',
    'brand.headline': 'The weather of every city, as JSON',
    'brand.text':
      'Observations and forecasts for cities around the world, from one address and with one key.',
    'webhooks.allow_private': 'true',
  }))
    await house.create('settings', { key, value })
  const upstream = await house.create('upstreams', { name: 'weather', base_url: weatherUrl })
  await house.create('upstreams', { name: 'legacy', base_url: 'http://127.0.0.1:9' })
  const routes = [
    ['now', 'The weather in a city now', '/weather', ['GET']],
    ['cities', 'Every city that is known', '/cities', ['GET']],
    ['echo', 'Sends back what was sent', '/echo', ['POST']],
    ['forecast', 'The weather of the next days, by city', '/forecast/*', ['GET']],
  ] as const
  for (const [name, description, path_pattern, methods] of routes)
    await house.create('routes', {
      name,
      description,
      path_pattern,
      match_type: path_pattern.endsWith('*') ? 'prefix' : 'exact',
      methods,
      upstream_id: upstream.id,
      request_schema:
        name === 'echo' ? { POST: { required: true, schema: { type: 'object', properties: {} } } } : {},
    })
  await house.create('plans', {
    name: 'growth',
    description: 'For products that people depend on',
    price_monthly: 2_900,
    requests_per_month: 200,
    quota_mode: 'soft',
    overage_unit_price: '0.02',
    rate_limit_per_minute: 600,
  })
  await house.create('coupons', { code: 'WELCOME', basis_points: 2_000 })
}

interface CustomerKey {
  readonly key: string
  /** How many calls on a usual day. */
  readonly calls: number
}

interface Registered {
  readonly data: { readonly user: { readonly id: string }; readonly organization: { readonly id: string } }
}

async function makeCustomers(house: TestHouse): Promise<readonly CustomerKey[]> {
  const keys: CustomerKey[] = []
  for (const [at, company] of companies.entries()) {
    const email = at === 0 ? people.customer.email : `owner@company-${at}.example`
    const answer = await fetch(`${house.url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        email,
        password: people.customer.password,
        full_name: at === 0 ? 'Grace Hopper' : `Owner ${at}`,
        organization_name: company,
      }),
    })
    if (!answer.ok) throw new Error(await answer.text())
    const { user, organization } = ((await answer.json()) as Registered).data
    await upgrade(house, organization.id, at === 1 ? 'pro' : at === 3 ? 'free' : 'growth')
    for (const name of at === 0 ? ['production', 'staging', 'nightly import'] : ['default'])
      keys.push({
        key: (await house.create('api_keys', { name, user_id: user.id, organization_id: organization.id }))
          .key,
        calls: name === 'production' ? 6 : 2,
      })
    if (at === 0) await connectCustomer(house, organization.id)
  }
  return keys
}

async function upgrade(house: TestHouse, organization: string, plan: string): Promise<void> {
  const { data } = (await house.api('GET', `/api/subscriptions?organization_id=${organization}`)).body
  const chosen = (await house.api('GET', `/api/plans/${plan}`)).body.data
  if (data[0].plan_id === chosen.id) return
  const changed = await house.api('POST', `/api/subscriptions/${data[0].id}/change_plan`, {
    plan_id: chosen.id,
  })
  if (changed.status >= 400) throw new Error(JSON.stringify(changed.body))
}

/** A receiver of webhooks. */
async function connectCustomer(house: TestHouse, organization_id: string): Promise<void> {
  const upstream = (await house.api('GET', '/api/upstreams/weather')).body.data
  await house.create('webhook_endpoints', {
    organization_id,
    url: `${upstream.base_url}/echo`,
    events: ['api_key.*', 'subscription.*', 'invoice.*'],
  })
}

const paths = ['/weather?city=Lagos', '/cities', '/forecast/Oslo?days=3', '/weather?city=', '/nowhere']

async function callOnDay(house: TestHouse, keys: readonly CustomerKey[], day: number): Promise<void> {
  const isWeekend = day % 7 < 2
  for (const [at, { key, calls }] of keys.entries())
    for (let call = 0; call < (isWeekend ? 1 : calls + ((day * (at + 3)) % 4)); call += 1)
      await fetch(`${house.url}${paths[(day + call * call) % paths.length]}`, {
        headers: { authorization: `Bearer ${key}` },
      }).then((answer) => answer.arrayBuffer())
}
