import { startWeatherApi } from '#examples/weather-api/server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { makeStates, type SignUp, states } from './customer-states.ts'

const password = 'correct horse battery'

/** Who signs in to the pages of a furnished instance. */
export const people = {
  operator: { email: 'ada@example.com', password },
  customer: { email: 'grace@acme.example', password },
  newcomer: { email: states.newcomer.email, password },
  overdue: { email: states.overdue.email, password },
  prepaid: { email: states.prepaid.email, password },
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
  const house = await startHouse({
    clock: { now: () => Date.now() - behindMs },
    env: { PAYMENT_PROVIDER: 'dummy' },
  })
  const weather = await startWeatherApi({ port: 0 })
  const close = async (): Promise<void> => {
    await house.close()
    await weather.close()
  }
  try {
    await makeCatalogue(house, weather.url)
    const keys = await makeCustomers(house)
    const spending = await makeStates(house, signUpAt(house))
    for (let day = days; day >= 0; day -= 1) {
      behindMs = day * dayMs
      await callOnDay(house, keys, day)
    }
    for (const key of spending) await callUntilRefused(house, key)
    await house.running.drainUsage()
    await house.running.house.billing.run()
    await house.running.settle()
    await makeMoney(house)
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
    'portal.base_url': house.url,
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

const signUpAt =
  (house: TestHouse): SignUp =>
  async (email, company) => {
    const answer = await fetch(`${house.url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        email,
        password,
        full_name: email === people.customer.email ? 'Grace Hopper' : `Owner of ${company}`,
        organization_name: company,
      }),
    })
    if (!answer.ok) throw new Error(await answer.text())
    return ((await answer.json()) as { readonly data: Awaited<ReturnType<SignUp>> }).data
  }

async function makeCustomers(house: TestHouse): Promise<readonly CustomerKey[]> {
  const keys: CustomerKey[] = []
  for (const [at, company] of companies.entries()) {
    const email = at === 0 ? people.customer.email : `owner@company-${at}.example`
    const { user, organization } = await signUpAt(house)(email, company)
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

/** What stands beside invoices: money that came, a tax, an alert, a cap, and somebody who is invited. */
async function makeMoney(house: TestHouse): Promise<void> {
  const first = async (address: string) => (await house.api('GET', `/api/${address}&limit=1`)).body.data[0]
  const { id: organization_id } = (await house.api('GET', '/api/organizations/acme')).body.data
  const paying = (await house.api('GET', '/api/organizations/globex')).body.data
  const invoice = await first(`invoices?organization_id=${paying.id}`)
  const settled = await house.api('POST', `/admin/billing/invoices/${invoice.id}/settle`, {
    payment_id: 'SEPA 4711',
    amount: invoice.amount_due,
    currency: invoice.currency,
  })
  if (settled.status >= 400) throw new Error(JSON.stringify(settled.body))
  await house.create('tax_rates', { name: 'VAT', country: 'DE', percent: '19' })
  await house.create('invitations', { organization_id, email: 'alan@acme.example', role: 'member' })
  await house.create('budget_alerts', { organization_id, measure: 'units', amount: 10_000 })
  const route = await first('routes?sort=name')
  await house.create('route_caps', { organization_id, route_id: route.id, cap: 5_000 })
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

/** A receiver of webhooks, an alert, a cap, somebody who is invited, and a card. */
async function connectCustomer(house: TestHouse, organization_id: string): Promise<void> {
  const upstream = (await house.api('GET', '/api/upstreams/weather')).body.data
  await house.create('webhook_endpoints', {
    organization_id,
    url: `${upstream.base_url}/echo`,
    events: ['api_key.*', 'subscription.*', 'invoice.*'],
  })
  const route = (await house.api('GET', '/api/routes/forecast')).body.data
  await house.create('budget_alerts', { organization_id, measure: 'units', amount: 200 })
  await house.create('route_caps', { organization_id, route_id: route.id, cap: 1_000 })
  await askAs(house, people.customer.email, '/api/v1/team/invite', {
    email: 'alan@acme.example',
    role: 'admin',
  })
  const left = await askAs(house, people.customer.email, '/api/v1/billing/payment-methods', {})
  await fetch(`${left['setup_url']}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: house.url },
    body: 'choice=pay',
    redirect: 'manual',
  })
}

interface Answered {
  readonly data?: Readonly<Record<string, unknown>>
}

/** Does something as somebody who signs in for it. */
async function askAs(
  house: TestHouse,
  email: string,
  path: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const post = (address: string, sent: object, headers: Record<string, string> = {}) =>
    fetch(`${house.url}${address}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(sent),
    }).then((answer) => answer.json() as Promise<Answered>)
  const { data } = await post('/api/v1/auth/login', { email, password })
  const done = await post(path, body, { authorization: `Bearer ${data?.['token']}` })
  if (done.data === undefined) throw new Error(JSON.stringify(done))
  return done.data
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

const mostCalls = 100

/** Until the plan, or what was paid in advance, serves no more. */
async function callUntilRefused(house: TestHouse, key: string): Promise<void> {
  for (let call = 0; call < mostCalls; call += 1) {
    const answer = await fetch(`${house.url}/cities`, { headers: { authorization: `Bearer ${key}` } })
    await answer.arrayBuffer()
    if (answer.status >= 400) return
  }
}
