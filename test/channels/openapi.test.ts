import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { signWebhook } from '#adapters/provider/payment/dummy-signature.ts'
import { systemActor } from '#contract/actor.ts'
import { accountGroups } from '#control/openapi/reading-order.ts'
import { documentPath } from '#core/channel/openapi/document.ts'
import { pluralOf } from '#core/schema/plural.ts'
import { rules } from '#domain/access/rules.ts'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { startForgingProvider } from '#test/support/forging-provider.ts'
import { type AnswerChecker, createAnswerChecker } from '#test/support/openapi-checker.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startControl } from '../control/control-house.ts'
import { dummySecret } from '../payments/paying-house.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into documents freely
type Json = any

let house: TestHouse
let whole: Json
let checker: AnswerChecker
/** Operations that answered so, with a success or a refusal. */
/** What the DNS says. */
const proofs: string[] = []
const seen = { success: new Set<string>(), refusal: new Set<string>() }
/** How each operation was refused last. */
const refusals = new Map<string, string>()

beforeAll(async () => {
  house = await startHouse({ readTxt: async () => proofs, env: { APIGATE_TEST_CLOCK: '1' } })
  whole = (await house.api('GET', '/openapi.json')).body
  checker = createAnswerChecker(whole)
})
afterAll(() => house.close())

/** Asks, and sees that the answer is one that the document promises. */
async function ask(
  method: string,
  path: string,
  options: {
    id?: string
    query?: string
    body?: unknown
    raw?: string
    headers?: Record<string, string>
  } = {},
): Promise<{ status: number; body: Json; headers: Headers }> {
  const address = path
    .replace(/\{(?:id|name|template|file|provider)\}/, encodeURIComponent(options.id ?? 'x'))
    .replace('{module}', options.id ?? 'x')
  const content = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  const given = {
    authorization: `Bearer ${house.token}`,
    ...(content === undefined ? {} : { 'content-type': 'application/json' }),
    ...options.headers,
  }
  const response = await fetch(`${house.url}${address}${options.query ?? ''}`, {
    method,
    redirect: 'manual',
    // An empty one is none: a cookie counts only without.
    headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
    ...(content === undefined ? {} : { body: content }),
  })
  const text = await response.text()
  const { status, headers } = response
  // Every JSON text is a YAML text.
  const isData = /[/+](json|yaml)/.test(headers.get('content-type') ?? '') && text !== ''
  const body = isData ? parse(text) : text
  expect(
    checker.problemsOf({ method, path, status, headers, body }),
    `${method} ${address} ${status} ${text.slice(0, 500)}`,
  ).toEqual([])
  ;(status < 400 ? seen.success : seen.refusal).add(`${method} ${path}`)
  if (status >= 400) refusals.set(`${method} ${path}`, `${status} ${text.slice(0, 500)}`)
  return { status, body, headers }
}

const operationsOf = (document: Json): string[] =>
  Object.entries(document.paths as Json).flatMap(([path, item]) =>
    Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
  )

describe('the API document', () => {
  test('is valid OpenAPI 3.1, whole and open, and the YAML says what the JSON says', async () => {
    const open = await (await fetch(`${house.url}/openapi.json`)).json()
    for (const document of [whole, open])
      expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true })
    const yaml = await house.api('GET', '/openapi.yaml')
    expect(parse(yaml.body, { maxAliasCount: 0 })).toEqual(whole)
  })

  test('has every address that answers, and no other', async () => {
    const control = await startControl()
    try {
      const document = (await control.send('GET', '/openapi.json')).body
      const answering = control.control.routes
        .filter(({ operation, isAlias }) => operation?.isAlias !== true && isAlias !== true)
        .map(({ method, path }) => `${method} ${documentPath(path)}`)
      expect(operationsOf(document).sort()).toEqual(answering.sort())
      expect(answering.length).toBeGreaterThan(40)
      expect(operationsOf(document)).toContain('GET /api/store/shelves/{id}/label')
      const own = Object.keys(rules)
        .filter((rule) => /^[A-Z]+ \//.test(rule))
        .map(documentPath)
      expect(operationsOf(document)).toEqual(expect.arrayContaining(own))
    } finally {
      await control.stop()
    }
  })

  test('gives every operation a name of its own', () => {
    const ids = operationsOf(whole).map((operation) => {
      const [method = '', path = ''] = operation.split(' ')
      return whole.paths[path][method.toLowerCase()].operationId
    })
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(
      expect.arrayContaining(['list_plans', 'replace_plan', 'update_plan', 'revoke_api_key']),
    )
  })

  test('calls a module by the same words whether one record or many are meant', async () => {
    const { body } = await house.api('GET', '/api/_schema')
    expect(body.data.length).toBeGreaterThan(50)
    for (const { display_name: one, display_plural: many } of body.data) {
      const regular = [pluralOf(one), one.replace(/^\S+/, pluralOf)]
      // A brand has accounts, channels, clients; what there is one of stays as it is.
      if (!many.startsWith(one)) expect(regular, one).toContain(many)
    }
  })

  test('tells customers of every group in the order in which it is needed, the first call of an account first', async () => {
    const { body } = await house.api('GET', '/docs/platform.json')
    const groups = body.tags.map(({ name }: Json) => name)
    // A group that nobody placed stands before the last one: it has to be placed in the list.
    expect(groups).toEqual([...accountGroups])
    const operations = operationsOf(body)
    expect(operations[0]).toBe('POST /api/v1/auth/register')
    const seenGroups = operations.map((operation) => {
      const [method = '', path = ''] = operation.split(' ')
      return body.paths[path][method.toLowerCase()].tags[0]
    })
    expect([...new Set(seenGroups)]).toEqual(groups)
    const page = await (await fetch(`${house.url}/docs/platform`)).text()
    const headings = [...page.matchAll(/<h2 id="[a-z-]+-title"><a[^>]*>([^<]+)</g)].map(([, title]) => title)
    expect(headings).toEqual([...groups, 'As OpenAPI'])
  })

  test('tells strangers only of what is open to them', async () => {
    const answer = await fetch(`${house.url}/openapi.json`)
    const document: Json = await answer.json()
    expect(operationsOf(document).sort()).toEqual(
      Object.entries(rules)
        .filter(([, who]) => who === 'anyone' || who === 'visitor' || who === 'guest')
        .map(([rule]) => documentPath(rule))
        .sort(),
    )
    expect(JSON.stringify(document)).not.toMatch(/operator_token|upstream_id|"Plan"/)
    expect(answer.headers.get('vary')).toBe('Authorization, Cookie')
    const expired = await fetch(`${house.url}/openapi.json`, {
      headers: { cookie: 'apigate_operator=ses_00' },
    })
    expect(await expired.json()).toEqual(document)
    const mistaken = await fetch(`${house.url}/openapi.json`, { headers: { authorization: 'Bearer opt_00' } })
    expect(mistaken.status).toBe(401)
  })

  test('keeps what is internal to itself and marks what can only be written', () => {
    const text = JSON.stringify(whole)
    for (const internal of ['password_hash', 'is_operator', 'stripe_id"'])
      expect(text).not.toContain(internal)
    const { Upstream, UpstreamCreate, Operator, OperatorCreate } = whole.components.schemas
    expect(Upstream.properties.auth_value_encrypted).toBeUndefined()
    expect(UpstreamCreate.properties.auth_value_encrypted.writeOnly).toBe(true)
    expect(Operator.properties.password).toBeUndefined()
    expect(OperatorCreate.properties.password.writeOnly).toBe(true)
    expect(UpstreamCreate.properties.id).toBeUndefined()
  })

  test('has only examples that its own schemas take', () => {
    const found: string[] = []
    for (const operation of operationsOf(whole)) {
      const [method = '', path = ''] = operation.split(' ')
      const { requestBody, responses } = whole.paths[path][method.toLowerCase()]
      const asked = requestBody?.content?.['application/json']?.example
      if (asked !== undefined) found.push(...checker.bodyProblems(method, path, asked))
      for (const [status, response] of Object.entries<Json>(responses)) {
        const example = response.content?.['application/json']?.example
        if (example === undefined) continue
        const names = Object.keys(response.headers ?? {}).map((name) => [name, 'x'] as [string, string])
        const headers = new Headers([...names, ['content-type', 'application/json']])
        found.push(...checker.problemsOf({ method, path, status: Number(status), headers, body: example }))
      }
    }
    expect(found).toEqual([])
  })
})

/** What makes a record of each module; `$name` stands for the id of the record made before. */
const inputs: Record<string, Record<string, unknown>> = {
  organizations: { name: 'Acme', email: 'Billing@Acme.example' },
  apis: { name: 'Weather', slug: 'weather', organization_id: '$organizations' },
  plans: { name: 'gold', api_id: '$apis', price_monthly: 900, overage_unit_price: '0.000125' },
  upstreams: {
    name: 'weather',
    base_url: 'http://127.0.0.1:9',
    auth_type: 'bearer',
    auth_value_encrypted: 's3cret',
  },
  routes: { name: 'weather', path_pattern: '/weather/*', upstream_id: '$upstreams', methods: ['GET'] },
  settings: { key: 'billing.upgrade_url', value: '/pay' },
  users: { email: 'Ada@example.com', password: 'correct horse', plan_id: 'free' },
  memberships: { organization_id: '$organizations', user_id: '$users', role: 'admin' },
  invitations: { organization_id: '$organizations', email: 'guest@acme.example' },
  subscriptions: { organization_id: '$organizations', api_id: '$apis', plan_id: '$plans' },
  api_keys: { organization_id: '$organizations', scopes: ['read'] },
  webhook_endpoints: {
    url: 'https://hooks.example.com/in',
    organization_id: '$organizations',
    events: ['plan.*'],
  },
  billing_profiles: { organization_id: '$organizations', legal_name: 'Acme GmbH', country: 'DE' },
  fx_quotes: {
    from_currency: 'USD',
    to_currency: 'NGN',
    rate: '1530.25',
    valid_until: '2027-01-01T00:00:00.000Z',
  },
  tax_rates: { name: 'VAT', country: 'DE', percent: '19' },
  operators: { email: 'ops@example.com', role: 'support', password: 'correct horse' },
  operator_tokens: { name: 'ci', role: 'billing' },
  oauth_google_clients: { name: 'workspace', client_id: 'a', client_secret: 's3cret' },
  oauth_github_clients: { name: 'enterprise', client_id: 'a', client_secret: 's3cret' },
  oauth_oidc_clients: {
    name: 'forger',
    issuer: 'http://127.0.0.1:9',
    client_id: 'apigate',
    client_secret: 'x',
  },
  sign_in_domains: {
    organization_id: '$organizations',
    domain: 'acme.example',
    issuer: 'https://id.acme.example',
    client_id: 'a',
  },
  provider_mappings: { provider: 'stripe', entity_type: 'user', local_id: '$users', external_id: 'cus_1' },
  coupons: { code: 'WELCOME', basis_points: 2000 },
  payment_methods: { organization_id: '$organizations', provider: 'dummy' },
  budget_alerts: { organization_id: '$organizations', measure: 'units', amount: 1000 },
  route_caps: { organization_id: '$organizations', route_id: '$routes', cap: 1000 },
}
/** What the records that only the product makes lead to. */
const ownInputs: Record<string, Record<string, unknown>> = {
  price_versions: { plan_id: '$plans', version: 9 },
  subscription_changes: {
    organization_id: '$organizations',
    subscription_id: '$subscriptions',
    from_plan_id: '$plans',
    from_price_version_id: null,
    to_plan_id: '$plans',
    to_price_version_id: null,
  },
  coupon_redemptions: {
    organization_id: '$organizations',
    subscription_id: '$subscriptions',
    coupon_id: '$coupons',
  },
}
/** What actions are asked with that need something. */
const actionInputs: Record<string, Record<string, unknown>> = {
  change_plan: { plan_id: '$plans' },
  schedule_plan: { plan_id: '$plans' },
  redeem_coupon: { code: 'AGAIN' },
}
const filled = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith('$') ? made[value.slice(1)] : value,
    ]),
  )
const made: Record<string, string> = {}

/** The inputs above, and for every other module that is served what the document gives as an example. */
function allInputs(): Readonly<Record<string, Record<string, unknown>>> {
  const found: Record<string, Record<string, unknown>> = { ...inputs }
  for (const [path, item] of Object.entries<Json>(whole.paths)) {
    const plural = /^\/api\/([a-z_]+)$/.exec(path)?.[1]
    if (item.post?.responses?.['201'] === undefined) continue
    const example = item.post.requestBody.content['application/json'].example
    if (plural !== undefined && example !== undefined) found[plural] ??= example
  }
  return found
}

/** Makes the records of modules that only the product itself makes. */
async function makeOwn(): Promise<void> {
  const { engine } = house.running.house
  // An invoice and its payment are what the others of money refer to.
  const first = ['payment', 'invoice']
  const modules = [...engine.modules.values()].sort(
    (one, other) => first.indexOf(other.name) - first.indexOf(one.name),
  )
  for (const module of modules) {
    const item = whole.paths[`/api/${module.plural}`]
    if (item === undefined || item.post !== undefined || /(?:sessions|identities)$/.test(module.plural))
      continue
    const answer = item.get.responses[200].content['application/json'].schema
    const schema = whole.components.schemas[answer.properties.data.items.$ref.split('/').at(-1)]
    const { id: _id, created_at: _made, updated_at: _changed, ...input } = schema.examples[0]
    for (const { name, to } of module.fields.values())
      if (to !== undefined) input[name] = made[engine.modules.get(to)?.plural ?? ''] ?? null
    // What is internal stands in no example: the digest and the origins that keep things single.
    const hidden = {
      ...(module.fields.has('origin') ? { origin: 'once' } : {}),
      ...(module.name === 'email_message' ? { dedupe_digest: 'once' } : {}),
      ...(module.name === 'webhook_delivery'
        ? { organization_id: made['organizations'], state: 'failed' }
        : {}),
    }
    const call = {
      actor: systemActor,
      requestId: 'req_1',
      module: module.name,
      action: 'create',
      input: { ...input, ...hidden, ...filled(ownInputs[module.plural] ?? {}) },
    }
    const outcome = await engine.invoke(call)
    if (!outcome.ok) throw new Error(`${module.name}: ${outcome.message}`)
    made[module.plural] = outcome.value.row.id
  }
}

async function makeAll(): Promise<void> {
  for (const [plural, input] of Object.entries(allInputs())) {
    const body = filled(input)
    expect(checker.bodyProblems('POST', `/api/${plural}`, body)).toEqual([])
    const answer = await ask('POST', `/api/${plural}`, {
      body,
      headers: { 'idempotency-key': `make-${plural}` },
    })
    expect(answer.status, `${plural}: ${JSON.stringify(answer.body)}`).toBe(201)
    expect(
      (await ask('POST', `/api/${plural}`, { body, headers: { 'idempotency-key': `make-${plural}` } }))
        .status,
    ).toBe(201)
    made[plural] = answer.body.data.id
  }
}

describe('every answer is one that the document promises', () => {
  test('when records are made, read, listed, changed, replaced and acted on', async () => {
    await makeAll()
    await makeOwn()
    for (const [plural, id] of Object.entries(made)) {
      const base = `/api/${plural}`
      const read = await ask('GET', `${base}/{id}`, { id })
      const etag = read.headers.get('etag') ?? ''
      expect((await ask('GET', `${base}/{id}`, { id, headers: { 'if-none-match': etag } })).status).toBe(304)
      expect(
        (await ask('GET', base, { query: '?count=true&limit=1&sort=-created_at' })).body.data,
      ).toHaveLength(1)
      await ask('GET', `${base}/{id}`, { id: 'nobody' })
      expect((await ask('GET', base, { query: '?wings=2' })).status).toBe(400)
      if (whole.paths[base].post === undefined || whole.paths[`${base}/{id}`].patch === undefined) continue
      expect(
        (await ask('PATCH', `${base}/{id}`, { id, body: {}, headers: { 'if-match': etag } })).status,
      ).toBe(200)
      const replaced = await ask('PUT', `${base}/{id}`, { id, body: read.body.data })
      expect(replaced.status, JSON.stringify(replaced.body)).toBe(200)
      await ask('PATCH', `${base}/{id}`, { id, body: {}, headers: { 'if-match': '"stale"' } })
      for (const method of ['PATCH', 'PUT']) {
        await ask(method, `${base}/{id}`, { id: 'nobody', body: {} })
        expect((await ask(method, `${base}/{id}`, { id, body: { wings: 2 } })).status).toBe(400)
      }
      expect((await ask('POST', base, { raw: '{' })).status).toBe(400)
      await ask('POST', base, { body: allInputs()[plural], headers: { 'idempotency-key': `make-${plural}` } })
    }
    await house.create('coupons', { code: 'AGAIN', basis_points: 1 })
    const actions = operationsOf(whole).filter((operation) => /^POST .*\{id\}\//.test(operation))
    // A subscription that was cancelled cannot be paused any more.
    for (const operation of actions.toSorted(
      (one, other) => Number(/cancel$/.test(one)) - Number(/cancel$/.test(other)),
    )) {
      const path = operation.slice('POST '.length)
      const id = made[path.split('/')[2] ?? '']
      const isReplay = path === '/api/webhook_endpoints/{id}/replay'
      const named = actionInputs[path.split('/').at(-1) ?? ''] ?? {}
      const body = isReplay ? { since: '2026-01-01T00:00:00Z' } : filled(named)
      if (id !== undefined) await ask('POST', path, { id, body })
      await ask('POST', path, { id: 'nobody', body: {} })
    }
    const capped = { id: made['organizations'] ?? '', body: { cap: 500 } }
    await ask('POST', '/api/organizations/{id}/cap_spending', capped)
    await unknownTour()
  })

  test('when somebody signs in and out, and asks for what is not a module', async () => {
    const signedIn = await ask('POST', '/admin/login', {
      body: { email: 'ops@example.com', password: 'correct horse' },
    })
    expect(signedIn.status).toBe(200)
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const sessions = await ask('GET', '/api/sessions')
    const session = sessions.body.data[0].id
    await ask('GET', '/api/sessions', { query: '?wings=2' })
    await ask('GET', '/api/sessions/{id}', { id: session })
    await ask('GET', '/api/sessions/{id}', { id: 'nobody' })
    await ask('POST', '/api/sessions/{id}/revoke', { id: session, body: {} })
    await ask('DELETE', '/api/sessions/{id}', { id: session })
    await ask('DELETE', '/api/sessions/{id}', { id: session })
    expect(
      (await ask('POST', '/admin/login', { body: { email: 'ops@example.com', password: 'x' } })).status,
    ).toBe(401)
    await ask('POST', '/admin/login', { body: {} })
    await operatorFactorTour('ops@example.com', 'correct horse')
    await ask('POST', '/admin/setup', { body: {} })
    await ask('POST', '/admin/logout', { headers: { authorization: '', cookie, origin: house.url } })
    await ask('POST', '/admin/logout')
    await ask('GET', '/admin/me')
    for (const path of [
      '/',
      '/docs',
      '/docs/api',
      '/docs/authentication',
      '/docs/client.mjs',
      '/docs/client.py',
      '/docs/clients',
      '/docs/errors',
      '/docs/limits',
      '/docs/llms.txt',
      '/docs/openapi.json',
      '/docs/plans',
      '/docs/platform',
      '/docs/platform.json',
      '/docs/requests',
      '/docs/search',
      '/docs/webhooks',
      '/llms.txt',
      '/assets/site.js',
      '/assets/base.css',
      '/assets/icon.svg',
      '/assets/theme.js',
      '/portal',
      '/portal/*',
      '/ui',
      '/ui/*',
      '/health',
      '/health/live',
      '/health/ready',
    ])
      await ask('GET', path)
    for (const path of [
      '/admin/health',
      '/admin/certificates',
      '/admin/upstreams',
      '/admin/usage/summary',
      '/metrics',
      '/api/_schema',
    ])
      await ask('GET', path)
    const script = /\/assets\/app\/(ui-[\w-]+\.js)/.exec(await (await fetch(`${house.url}/ui`)).text())?.[1]
    await ask('GET', '/assets/app/{file}', { id: script ?? 'not built' })
    await ask('GET', '/assets/app/{file}', { id: 'none.js' })
    for (const path of ['/openapi.json', '/openapi.yaml']) await ask('GET', path)
    await ask('GET', '/admin/usage/summary', { query: '?month=yesterday' })
    for (const search of [
      '',
      '?group_by=route&granularity=hour&from=2026-11-20T00:00:00Z',
      '?granularity=year',
    ]) {
      await ask('GET', '/admin/usage/series', { query: search })
      await ask('GET', '/admin/usage/latency', { query: search.replace('group_by', 'route_id') })
    }
    await ask('GET', '/api/_schema/{module}', { id: 'plan' })
    await ask('GET', '/api/_schema/{module}', { id: 'wings' })
    await ask('POST', '/api/routes/test', { body: { url: '/weather/berlin' } })
    await ask('POST', '/api/routes/test', { body: {} })
    await ask('POST', '/admin/plans/preview', { body: { price_monthly: 500, units: [0, 10] } })
    await ask('POST', '/admin/plans/preview', { body: { units: [-1] } })
    await ask('POST', '/admin/upstreams/test', { body: { url: house.url } })
    await ask('POST', '/admin/upstreams/test', { body: { url: 'nowhere' } })
    await house.create('settings', { key: 'payment.dummy.webhook_secret', value: dummySecret })
    for (const path of ['/webhooks/{provider}', '/api/v1/webhooks/{provider}']) {
      const message = { id: 'evt_1', type: 'payment.payment_succeeded', data: { payment_id: 'none' } }
      const raw = JSON.stringify(message)
      const signed = { 'dummy-signature': signWebhook(dummySecret, raw, Date.now()) }
      expect((await ask('POST', path, { id: 'dummy', raw, headers: signed })).status).toBe(200)
      expect((await ask('POST', path, { id: 'dummy', raw: '{}' })).status).toBe(401)
      expect((await ask('POST', path, { id: 'nobody', raw })).status).toBe(404)
    }
    await ask('GET', '/assets/gateway.schema.json')
    await ask('POST', '/api/mcp', { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } })
    await ask('POST', '/api/mcp', { body: { jsonrpc: '2.0', method: 'notifications/initialized' } })
    await ask('POST', '/api/mcp', { raw: '[]' })
    await ask('GET', '/admin/audit', { query: '?limit=2' })
    await ask('GET', '/admin/audit', { query: '?wings=2' })
    await ask('GET', '/admin/audit/export')
    await ask('GET', '/admin/audit/export', { query: '?format=pdf' })
    await ask('POST', '/admin/audit/verify', { body: {} })
    await ask('POST', '/admin/audit/verify', { body: { wings: 2 } })
    await ask('GET', '/admin/config', { query: '?keys=true' })
    await ask('GET', '/admin/config', { query: '?wings=2' })
    for (const verb of ['plan', 'apply']) {
      const path = `/admin/config/${verb}`
      await ask('POST', path, { body: { document: 'version: 1\nplans: {silver: {}}' } })
      await ask('POST', path, { body: { document: 'version: 1\nplans: {silver: {wings: 2}}' } })
    }
    const description = {
      openapi: '3.1.0',
      info: { title: 'Imported', version: '1' },
      paths: { '/a': { get: {} } },
    }
    const query = '?base_url=http%3A%2F%2F127.0.0.1%3A9&dry_run=true'
    await ask('POST', '/admin/routes/import', { body: description, query })
    await ask('POST', '/admin/routes/import', { body: {} })
    const { capabilities } = house.running.house.providers
    const email = await capabilities.capability('email').send({ to: 'a@b.example', subject: 'S', text: 'T' })
    const dummy = capabilities.capability('payment', { provider: 'dummy' })
    const customer = await dummy.create_customer({ email: 'a@b.example' })
    for (const [plural, made] of [
      ['logged_emails', email.ok ? email.value.message_id : ''],
      ['dummy_payment_objects', customer.ok ? customer.value.customer_id : ''],
    ] as const) {
      for (const id of [made, 'nobody']) await ask('GET', `/api/${plural}/{id}`, { id })
      for (const query of ['', '?wings=2']) await ask('GET', `/api/${plural}`, { query })
      for (const id of [made, 'nobody']) await ask('DELETE', `/api/${plural}/{id}`, { id })
    }
    await house.create('data_source_files', { name: 'feed', path: house.dataDirectory })
    const copy = {
      source_instance: 'feed',
      source_table: 'none',
      target_instance: 'feed',
      target_table: 'none',
    }
    await house.create('sync_jobs', { name: 'copy', ...copy, key: 'id', watermark: 'at' })
    await ask('GET', '/admin/sync')
    // Only a job that has begun and does not run now can be reset.
    await house.running.house.sync.jobs.run('copy', { isDry: false })
    for (const name of ['copy', 'nobody']) {
      await ask('GET', '/admin/sync/{name}', { id: name })
      await ask('POST', '/admin/sync/{name}/reset', { id: name })
      for (const body of [{ dry_run: true }, {}, { wings: 2 }])
        await ask('POST', '/admin/sync/{name}/run', { id: name, body })
    }
    writeFileSync(join(house.dataDirectory, 'people.csv'), 'id,name\n1,Ada\n')
    const compared = { module: 'plan', provider: 'shop', source_instance: 'feed', table: 'people', key: 'id' }
    for (const body of [
      { ...compared, fields: { name: 'name' } },
      { ...compared, fields: { wings: 'x' } },
      {},
    ])
      await ask('POST', '/admin/reconcile', { body })
    for (const plural of ['sync_runs', 'reconciliation_runs']) {
      const [run] = (await ask('GET', `/api/${plural}`)).body.data
      await ask('GET', `/api/${plural}`, { query: '?wings=2' })
      for (const id of [run?.id, 'nobody']) await ask('GET', `/api/${plural}/{id}`, { id })
      for (const id of [run?.id, 'nobody']) await ask('DELETE', `/api/${plural}/{id}`, { id })
    }
    for (const body of [{ capability: 'cache', action: 'get', input: { key: 'x' } }, { capability: 'x' }])
      await ask('POST', '/admin/providers/call', { body })
    const job = await house.running.house.jobs.queue.enqueue({ name: 'nobody.does', payload: { n: 1 } })
    const jobId = job.ok ? job.value.id : ''
    const { queue: jobQueue } = house.running.house.jobs
    for (const query of ['', '?state=waiting&limit=1', '?state=x']) await ask('GET', '/admin/jobs', { query })
    const taken = await capabilities.capability('queue').take({ names: ['nobody.does'] })
    const [{ lease = '' } = {}] = taken.ok ? (taken.value.jobs as { lease: string }[]) : []
    await capabilities.capability('queue').fail({ job_id: jobId, lease, error: 'no' })
    expect(await jobQueue.list({ state: 'dead', name: 'nobody.does' })).toMatchObject({
      value: { jobs: [{ job_id: jobId }] },
    })
    for (const id of [jobId, 'nobody']) await ask('POST', '/admin/jobs/{id}/retry', { id })
    for (const id of [jobId, 'nobody']) await ask('DELETE', '/admin/jobs/{id}', { id })
    await ask('POST', '/admin/emails/{template}/test', { id: 'welcome', body: { to: 'a@b.example' } })
    await ask('POST', '/admin/emails/{template}/test', { id: 'welcome', body: {} })
    await house.running.settle()
    await ask('GET', '/admin/emails')
    await ask('GET', '/admin/settings')
    await ask('GET', '/admin/settings', { headers: { authorization: '' } })
    await ask('GET', '/admin/emails', { headers: { authorization: '' } })
    for (const id of ['welcome', 'nothing']) await ask('GET', '/admin/emails/{template}', { id })
    await ask('GET', '/api/email_messages', { query: '?wings=2' })
    const [message] = (await ask('GET', '/api/email_messages')).body.data
    expect(message).toBeDefined()
    for (const id of [message.id, 'nobody']) await ask('GET', '/api/email_messages/{id}', { id })
    for (const id of [message.id, 'nobody']) await ask('DELETE', '/api/email_messages/{id}', { id })
    await ask('GET', '/admin/providers')
    for (const name of ['email_log', 'wings']) {
      await ask('GET', '/admin/providers/{name}', { id: name })
      for (const verb of ['disable', 'enable'])
        await ask('POST', `/admin/providers/{name}/${verb}`, { id: name })
    }
    for (const body of [{}, { name: 'email_log' }, { name: 'wings' }, { capabilities: 2 }])
      await ask('POST', '/admin/providers/test', { body })
    for (const body of [
      { capability: 'email', provider: 'log' },
      { capability: 'email', provider: 'wings' },
      {},
    ])
      await ask('POST', '/admin/providers/switch', { body })
  })

  test('when people open accounts, sign in and out', async () => {
    const person = { email: 'eve@example.com', password: 'correct horse' }
    const registration = { ...person, organization_name: 'Eve & Co', full_name: 'Eve' }
    const none = { authorization: '' }
    for (const status of [201, 409])
      expect((await ask('POST', '/api/v1/auth/register', { body: registration, headers: none })).status).toBe(
        status,
      )
    await ask('POST', '/api/v1/auth/register', { body: { wings: 2 }, headers: none })
    const signedIn = await ask('POST', '/api/v1/auth/login', { body: person, headers: none })
    await ask('POST', '/api/v1/auth/login', { body: { ...person, password: 'x' }, headers: none })
    const headers = { authorization: `Bearer ${signedIn.body.data.token}` }
    await ask('GET', '/api/v1/auth/me', { headers })
    await ask('GET', '/api/v1/auth/me')
    await keyTour(headers)
    await planTour(headers)
    await billingTour(headers, signedIn.body.data.organization.id)
    await teamTour(signedIn.body.data.organization.id, headers)
    await oauthTour()
    await impersonationTour(signedIn.body.data.user.id)
    await ask('GET', '/api/user_sessions', { query: '?wings=2' })
    const [session] = (await ask('GET', '/api/user_sessions')).body.data
    for (const id of [session.id, 'nobody']) {
      await ask('GET', '/api/user_sessions/{id}', { id })
      await ask('POST', '/api/user_sessions/{id}/revoke', { id, body: {} })
    }
    await ask('POST', '/api/v1/auth/logout')
    const bearer = await accountTour(person.email, person.password, signedIn.body.data.token)
    await ask('POST', '/api/v1/auth/logout', { headers: bearer })
    for (const id of [session.id, 'nobody']) await ask('DELETE', '/api/user_sessions/{id}', { id })
  })

  test('when operators look at money and move it', moneyTour)

  test('when nobody is signed in', async () => {
    for (const operation of operationsOf(whole)) {
      const [method = '', path = ''] = operation.split(' ')
      const { security } = whole.paths[path][method.toLowerCase()]
      if (security.length === 0 || path === '/metrics') continue
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
      expect((await ask(method, path, { ...body, headers: { authorization: '' } })).status, operation).toBe(
        401,
      )
    }
  })

  test('when records are made of anything: what the server takes, the document allows', async () => {
    const value = fc.oneof(
      fc.constantFrom(
        '',
        'x',
        'gold',
        'a@b.example',
        '/x',
        'http://127.0.0.1',
        '2026-01-01',
        null,
        true,
        -1,
        0,
        7,
        1.5,
      ),
      fc.string({ maxLength: 12 }),
      fc.constantFrom([], {}, ['GET']),
    )
    for (const [plural, input] of Object.entries(inputs)) {
      const path = `/api/${plural}`
      const name = whole.paths[path].post.requestBody.content['application/json'].schema.$ref
        .split('/')
        .at(-1)
      const fields = [...Object.keys(whole.components.schemas[name].properties), 'wings']
      const bodies = fc.sample(
        fc.tuple(fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 3 }), fc.boolean()),
        { numRuns: 12, seed: 7 },
      )
      for (const [changes, isComplete] of bodies) {
        const filled = Object.entries(input).map(([field, given]) => [
          field,
          typeof given === 'string' && given.startsWith('$') ? made[given.slice(1)] : given,
        ])
        const body = { ...(isComplete ? Object.fromEntries(filled) : {}), ...changes }
        const { status } = await ask('POST', path, { body })
        if (status === 201) expect(checker.bodyProblems('POST', path, body), JSON.stringify(body)).toEqual([])
      }
    }
  })

  test('when records are deleted; and no operation was left out', async () => {
    for (const [plural, id] of Object.entries(made).reverse()) {
      if (whole.paths[`/api/${plural}/{id}`].delete === undefined) continue
      await ask('DELETE', `/api/${plural}/{id}`, { id: 'nobody' })
      const fresh = ['organizations', 'apis', 'plans', 'coupons'].includes(plural)
      await ask('DELETE', `/api/${plural}/{id}`, { id: fresh ? await spare(plural) : id })
    }
    const never = (kind: keyof typeof seen): string[] =>
      operationsOf(whole).filter((operation) => !seen[kind].has(operation))
    const live = (operation: string): boolean => operation.startsWith('GET /ws/')
    // The first operator is there; nothing that was ever subscribed can be deleted.
    const unseen = never('success').filter((operation) => !live(operation))
    expect(unseen, unseen.map((operation) => refusals.get(operation)).join('\n')).toEqual([
      'POST /admin/setup',
      'DELETE /api/organizations/{id}',
      'DELETE /api/users/{id}',
    ])
    const cannotFail = operationsOf(whole).filter((operation) => {
      const [method = '', path = ''] = operation.split(' ')
      return whole.paths[path][method.toLowerCase()].security.length === 0 || path === '/metrics'
    })
    expect(never('refusal').filter((operation) => !cannotFail.includes(operation))).toEqual([])
  })
})

/** Asks for everything that people do with their plan. */
async function planTour(headers: Record<string, string>) {
  await ask('GET', '/api/v1/billing/plans', { headers })
  for (const body of [{ plan: 'pro', preview: true }, { plan: 'pro' }, { plan: 'none' }, { wings: 2 }])
    await ask('POST', '/api/v1/billing/upgrade', { body, headers })
}

/** Asks for everything that operators do with money: of one customer, who is invoiced for two things and pays with credit. */
async function moneyTour() {
  const { billing, engine } = house.running.house
  const customer = await house.create('organizations', { name: 'Payer', email: 'pay@example.com' })
  const where = [{ field: 'organization_id', op: 'eq' as const, value: customer.id }]
  const [subscription] = (await engine.records.list('subscription', { where })).items
  const order = { organizationId: customer.id, kind: 'manual' as const, currency: 'USD' }
  const line = {
    kind: 'manual',
    description: 'Setup',
    quantity: 1,
    unitMicros: 10_000_000n,
    amountMinor: 1000n,
  }
  const ids: string[] = []
  for (const origin of ['one', 'two', 'three']) {
    const issued = await billing.issue({ ...order, origin, lines: [line] })
    if (issued.ok) ids.push(issued.value.invoice.id)
  }
  const [paid = '', gone = '', lost = ''] = ids
  const base = '/admin/billing/invoices/{id}'
  for (const body of [{}, { wings: 2 }]) await ask('POST', '/admin/billing/run', { body })
  await ask('GET', '/admin/test-clock')
  for (const draft of ['plan: starter\nprice_monthly: 1500\n', 'plan: nobody'])
    await ask('POST', '/admin/billing/rehearse', { body: { draft, from: '2026-10' } })
  for (const body of [{ by: '1s' }, { wings: 2 }]) await ask('POST', '/admin/test-clock', { body })
  for (const id of [subscription?.id ?? '', 'nobody'])
    await ask('GET', '/admin/billing/subscriptions/{id}/preview', { id })
  const [pro] = (await house.api('GET', '/api/plans?name=pro')).body.data
  for (const query of [`?plan=${pro.id}`, '?plan=nothing', '?wings=2'])
    await ask('GET', '/admin/billing/subscriptions/{id}/plan-change', { id: subscription?.id ?? '', query })
  for (const id of [paid, 'nobody']) {
    await ask('GET', `${base}/verify`, { id })
    await ask('GET', `${base}/events`, { id })
    await ask('POST', `${base}/credit-note`, { id, body: { amount: 100, reason: 'An outage' } })
    await ask('POST', `${base}/settle`, { id, body: { payment_id: 'bank 1', amount: 900, currency: 'USD' } })
    for (const what of ['pdf', 'receipt']) await ask('GET', `${base}/${what}`, { id })
  }
  const [note] = (await ask('GET', '/api/credit_notes', { query: `?organization_id=${customer.id}` })).body
    .data
  for (const id of [note.id, 'nobody']) await ask('GET', '/admin/billing/credit-notes/{id}/pdf', { id })
  for (const id of ['usage', 'nothing']) await ask('GET', '/admin/billing/export/{name}', { id })
  for (const id of [gone, 'nobody']) await ask('POST', `${base}/void`, { id, body: {} })
  for (const id of [lost, 'nobody']) await ask('POST', `${base}/write-off`, { id, body: {} })
  for (const amount of [500, -1])
    await ask('POST', '/admin/billing/credits', { body: { organization_id: customer.id, amount } })
  expect((await ask('GET', '/admin/billing/ledger')).body.data).toMatchObject({ ok: true })
  for (const query of ['?account=receivable&limit=1', '?cursor=x'])
    for (const list of ['accounts', 'entries']) await ask('GET', `/admin/billing/ledger/${list}`, { query })
  for (const query of ['?kind=invoice_paid', '?from=yesterday'])
    await ask('GET', '/admin/billing/ledger/export', { query })
  await ask('GET', '/admin/billing/ledger/totals')
  for (const query of ['?days=7', '?days=0']) await ask('GET', '/admin/billing/revenue', { query })
  await usedPeriod()
}

/** An invoice with usage behind it, for its events. */
async function usedPeriod() {
  const { engine } = house.running.house
  const invoice = await engine.invoke({
    actor: systemActor,
    requestId: 'req_1',
    module: 'invoice',
    action: 'create',
    input: {
      organization_id: made['organizations'],
      subscription_id: made['subscriptions'],
      kind: 'period',
      origin: 'used',
      currency: 'USD',
      usage_cutoff: 0,
      event_set_hash: 'none',
      period_start: '2026-01-01T00:00:00Z',
      period_end: '2026-02-01T00:00:00Z',
    },
  })
  const id = invoice.ok ? invoice.value.row.id : ''
  expect((await ask('GET', '/admin/billing/invoices/{id}/events', { id })).status).toBe(200)
}

/** Asks for what people look at and buy: with their own invoice. */
async function billingTour(headers: Record<string, string>, organizationId: string) {
  const base = '/api/v1/billing'
  for (const id of ['invoices', 'nothing']) await ask('GET', `${base}/export/{name}`, { headers, id })
  await ask('GET', `${base}/calculate`, { headers })
  await ask('GET', `${base}/credit`, { headers })
  await ask('GET', `${base}/history`, { headers })
  for (const query of ['?start_date=2026-11-01&end_date=2026-11-30', '?start_date=x'])
    await ask('GET', `${base}/usage`, { headers, query })
  for (const amount of [5000, 'much']) await ask('POST', `${base}/credits`, { headers, body: { amount } })
  const subscriptions = await house.running.house.engine.records.list('subscription', {
    where: [{ field: 'organization_id', op: 'eq', value: organizationId }],
  })
  const invoice = await house.running.house.engine.invoke({
    actor: systemActor,
    requestId: 'req_1',
    module: 'invoice',
    action: 'create',
    input: {
      organization_id: organizationId,
      subscription_id: subscriptions.items[0]?.id,
      kind: 'period',
      origin: 'own',
      currency: 'USD',
      usage_cutoff: 0,
      period_start: '2026-01-01T00:00:00Z',
      period_end: '2026-02-01T00:00:00Z',
    },
  })
  for (const id of [invoice.ok ? invoice.value.row.id : '', 'nobody'])
    await ask('GET', `${base}/invoices/{id}/events`, { headers, id })
}

/** Asks for everything that people do with the keys of their organization. */
async function keyTour(headers: Record<string, string>) {
  const keys = '/api/v1/keys'
  const { id } = (await ask('POST', keys, { body: { name: 'ci' }, headers })).body.data
  await ask('POST', keys, { body: { wings: 2 }, headers })
  await ask('GET', keys, { headers })
  await ask('POST', '/api/budget_alerts', { body: { measure: 'units', amount: 10 }, headers })
  for (const address of ['/api/v1/spending', '/api/v1/spending/alerts', '/api/v1/spending/routes'])
    await ask('GET', address, { headers })
  for (const view of ['stats', 'usage-graph', 'api-keys'])
    for (const search of ['', '?from=yesterday'])
      await ask('GET', `/api/v1/dashboard/${view}`, { query: search, headers })
  for (const body of [{ token: 'x' }, {}])
    await ask('POST', '/api/v1/keys/leaked', { body, headers: { authorization: '' } })
  await payTour(headers)
  for (const cap of [500, null, 'much']) await ask('PUT', '/api/v1/spending/cap', { body: { cap }, headers })
  for (const one of [id, 'nobody']) {
    await ask('PATCH', `${keys}/{id}`, { id: one, body: { spend_cap: 500, scopes: ['read'] }, headers })
    await ask('POST', `${keys}/{id}/rotate`, { id: one, body: { grace_seconds: 60 }, headers })
    await ask('DELETE', `${keys}/{id}`, { id: one, headers })
  }
}

/** Says whose unknown money is. */
async function unknownTour() {
  const make = async (module: string, input: Record<string, unknown>) => {
    const call = { actor: systemActor, requestId: 'req_1', module, action: 'create', input }
    const done = await house.running.house.engine.invoke(call)
    if (!done.ok) throw new Error(done.message)
    return done.value.row.id
  }
  const sum = { amount: 500, currency: 'USD', provider: 'stripe' }
  const owed = { organization_id: made['organizations'], invoice_id: made['invoices'], origin: 'unknown' }
  const asked = { ...sum, ...owed, invoice_amount: 500, invoice_currency: 'USD' }
  const payment_id = await make('payment', asked)
  const id = await make('unknown_payment', { ...sum, external_id: 'pi_unknown' })
  const base = '/api/unknown_payments/{id}'
  expect((await ask('POST', `${base}/claim`, { id, body: { payment_id } })).status).toBe(200)
  expect((await ask('POST', `${base}/dismiss`, { id, body: { note: 'None of ours' } })).status).toBe(200)
}

/** Asks for the page on which an invoice is paid, and for what is no invoice. */
async function payTour(headers: Record<string, string>) {
  const { engine, billing } = house.running.house
  const { organization } = (await ask('GET', '/api/v1/auth/me', { headers })).body.data
  const line = lineOf('USD', { kind: 'manual', description: 'Consulting', amountMinor: 500n })
  const order = { organizationId: organization.id, kind: 'manual', origin: 'tour', currency: 'USD' } as const
  const issued = await billing.issue({ ...order, lines: [line] })
  if (!issued.ok) throw new Error(issued.message)
  const active = { module: 'setting', action: 'create', actor: systemActor, requestId: 'req_1' }
  await engine.invoke({ ...active, input: { key: 'payment.provider', value: 'dummy' } })
  const path = '/api/v1/billing/initiate-payment'
  const paid = await ask('POST', path, { body: { invoice_id: issued.value.invoice.id }, headers })
  expect(paid.status, JSON.stringify(paid.body)).toBe(200)
  for (const body of [{ invoice_id: 'inv_none' }, {}]) await ask('POST', path, { body, headers })
  const method = await engine.invoke({
    module: 'payment_method',
    action: 'create',
    actor: systemActor,
    requestId: 'req_1',
    input: { organization_id: organization.id, provider: 'dummy', external_id: 'pm_tour' },
  })
  if (!method.ok) throw new Error(method.message)
  const kept = '/api/v1/billing/payment-methods'
  expect((await ask('GET', kept, { headers })).body.data).toHaveLength(1)
  for (const body of [{}, { provider: 'nobody' }]) await ask('POST', kept, { body, headers })
  for (const body of [{ invoice_id: issued.value.invoice.id }, { invoice_id: 'inv_none' }, {}])
    await ask('POST', '/api/v1/billing/pay', { body, headers })
  for (const id of [method.value.row.id, 'nobody']) {
    await ask('POST', `${kept}/{id}/default`, { id, body: {}, headers })
    await ask('DELETE', `${kept}/{id}`, { id, headers })
  }
  await ask('GET', '/api/v1/billing/payment-providers', { headers })
  for (const id of [issued.value.invoice.id, 'nobody'])
    for (const what of ['verify', 'pdf', 'receipt'])
      await ask('GET', `/api/v1/billing/invoices/{id}/${what}`, { headers, id })
  // The first page was closed when a kept card was to be charged.
  const again = await ask('POST', path, { body: { invoice_id: issued.value.invoice.id }, headers })
  const page = String(again.body.data.checkout_url).split('/').at(-1) ?? ''
  const form = { 'content-type': 'application/x-www-form-urlencoded', authorization: '' }
  for (const id of [page, 'nobody']) {
    await ask('GET', '/public/dummy-payment/{id}', { id, headers: { authorization: '' } })
    for (const raw of ['choice=pay', 'wings=2'])
      await ask('POST', '/public/dummy-payment/{id}', { id, raw, headers: form })
  }
  await house.running.settle()
  const { id: invoiceId } = issued.value.invoice
  const receipt = await ask('GET', '/api/v1/billing/invoices/{id}/receipt', { headers, id: invoiceId })
  expect(receipt.status).toBe(200)
  const note = await billing.creditNote({ invoiceId, origin: 'tour', amountMinor: 1n, reason: 'An outage' })
  for (const id of [note.ok ? note.value.id : '', 'nobody'])
    await ask('GET', '/api/v1/billing/credit-notes/{id}/pdf', { headers, id })
  await house.running.house.payments.reconcile()
  for (const id of [again.body.data.payment_id, 'nobody'])
    await ask('POST', '/api/payments/{id}/refund', { id, body: { amount: 100, reason: 'An outage' } })
}

/** Asks for everything that people do with their team; somebody else comes and goes. */
async function teamTour(organizationId: string, headers: Record<string, string>) {
  const team = '/api/v1/team/members'
  const registration = { email: 'mallory@example.com', password: 'correct horse', organization_name: 'M' }
  const other = await ask('POST', '/api/v1/auth/register', {
    body: registration,
    headers: { authorization: '' },
  })
  const { id } = other.body.data.user
  await ask('POST', '/api/memberships', { body: { organization_id: organizationId, user_id: id } })
  for (const address of [team, '/api/v1/organizations']) await ask('GET', address, { headers })
  for (const one of [organizationId, 'nobody'])
    await ask('POST', '/api/v1/organizations/{id}/switch', { id: one, body: {}, headers })
  await invitationTour(headers)
  await organizationTour(id, headers)
  for (const one of [id, 'nobody']) {
    await ask('PUT', `${team}/{id}/role`, { id: one, body: { role: 'admin' }, headers })
    await ask('DELETE', `${team}/{id}`, { id: one, headers })
  }
}

/** The token in the last mail to an address. */
async function mailedToken(to: string): Promise<string> {
  await house.running.settle()
  const { items } = await house.running.house.engine.records.list('logged_email', {
    where: [{ field: 'to', op: 'eq', value: to }],
    limit: 100,
  })
  const text = items.map((mail) => mail.text).join(' ')
  return [...text.matchAll(/token=(\w+)/g)].at(-1)?.[1] ?? ''
}

/** Asks for everything that is done with invitations. */
async function invitationTour(headers: Record<string, string>) {
  const team = '/api/v1/team'
  const invite = async (email: string): Promise<string> =>
    (await ask('POST', `${team}/invite`, { body: { email }, headers })).body.data.id
  await ask('POST', `${team}/invite`, { body: { wings: 2 }, headers })
  const cancelled = await invite('off@example.com')
  await ask('GET', `${team}/invitations`, { headers })
  for (const id of [cancelled, 'nobody']) await ask('DELETE', `${team}/invitations/{id}`, { id, headers })
  await invite('new@example.com')
  const token = await mailedToken('new@example.com')
  for (const one of [token, 'x']) await ask('POST', `${team}/view-invitation`, { body: { token: one } })
  let member = ''
  for (const status of [201, 401]) {
    const body = { token, password: 'correct horse' }
    const accepted = await ask('POST', `${team}/accept-invitation`, { body })
    expect(accepted.status, JSON.stringify(accepted.body)).toBe(status)
    member ||= accepted.body.data?.user.id ?? ''
  }
  await invite('no@example.com')
  for (const one of [await mailedToken('no@example.com'), 'x'])
    await ask('POST', `${team}/decline-invitation`, { body: { token: one } })
  await ask('DELETE', `${team}/members/{id}`, { id: member, headers })
  for (const query of ['', '?wings=2']) {
    await ask('GET', '/api/v1/audit', { query, headers })
    await ask('GET', '/api/v1/audit/export', { query, headers })
  }
}

/** Asks for everything that is done with whole organizations; another one is made, handed over and closed. */
async function organizationTour(memberId: string, headers: Record<string, string>) {
  const organizations = '/api/v1/organizations'
  await ask('POST', organizations, { body: { wings: 2 }, headers })
  const [kept, closed] = [
    (await ask('POST', organizations, { body: { name: 'Kept' }, headers })).body.data.id,
    (await ask('POST', organizations, { body: { name: 'Closed' }, headers })).body.data.id,
  ]
  await ask('POST', '/api/memberships', { body: { organization_id: kept, user_id: memberId } })
  const password = 'correct horse'
  for (const id of [kept, 'nobody'])
    await ask('PATCH', `${organizations}/{id}`, { id, body: { name: 'Renamed' }, headers })
  for (const user of [memberId, 'nobody'])
    await ask('POST', `${organizations}/{id}/transfer`, {
      id: kept,
      body: { user_id: user, password },
      headers,
    })
  for (const confirmation of ['Nothing', 'Closed'])
    await ask('POST', `${organizations}/{id}/close`, {
      id: closed,
      body: { password, confirmation },
      headers,
    })
}

/** Turns the second factor of an operator on and off. */
async function operatorFactorTour(email: string, password: string) {
  const signedIn = await ask('POST', '/admin/login', { body: { email, password } })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { authorization: '', cookie, origin: house.url }
  const post = (path: string, body: object) => ask('POST', `/admin/two-factor/${path}`, { body, headers })
  const begun = await post('begin', { password })
  await post('begin', {})
  await post('enable', { code: 'x' })
  const on = await post('enable', { code: new TOTP({ secret: begun.body.data.secret }).generate() })
  expect((await ask('POST', '/admin/login', { body: { email, password } })).status).toBe(401)
  const [code] = on.body.data.recovery_codes
  await post('disable', { password, code: 'x' })
  expect((await post('disable', { password, code })).status).toBe(200)
}

/** Acts as somebody, and ends it from both sides. */
async function impersonationTour(userId: string) {
  const path = '/admin/impersonations'
  const begin = (body: object) => ask('POST', path, { body })
  const first = await begin({ user_id: userId, reason: 'a ticket of theirs' })
  await begin({ user_id: userId })
  const headers = { authorization: `Bearer ${first.body.data.token}` }
  await ask('GET', '/api/v1/auth/me', { headers })
  expect((await ask('POST', '/api/v1/auth/impersonation/end', { headers })).status).toBe(200)
  await begin({ user_id: userId, reason: 'a ticket of theirs' })
  const [running] = (await ask('GET', path)).body.data
  for (const id of [running.id, 'nobody']) await ask('DELETE', `${path}/{id}`, { id })
}

/** Signs in with an account elsewhere, links and unlinks it, and proves a domain. */
async function oauthTour() {
  const password = 'correct horse'
  const traveller = await ask('POST', '/api/v1/auth/register', {
    body: { email: 'traveller@example.com', password, organization_name: 'T' },
    headers: { authorization: '' },
  })
  const headers = { authorization: `Bearer ${traveller.body.data.token}` }
  const base = '/api/v1/auth/oauth'
  const forger = await startForgingProvider()
  for (const [key, value] of [
    ['portal.base_url', house.url],
    ['oauth.oidc.allow_private', 'true'],
  ])
    await house.create('settings', { key, value })
  await house.api('PATCH', `/api/oauth_oidc_clients/${made['oauth_oidc_clients']}`, { issuer: forger.issuer })
  await ask('GET', base)
  const cookieOf = (answer: { headers: Headers }) => ({
    authorization: '',
    cookie:
      answer.headers
        .getSetCookie()
        .find((line) => line.startsWith('apigate_oauth'))
        ?.split(';')[0] ?? '',
  })
  const travel = async (url: string, cookie: Record<string, string>) => {
    const back = await fetch(url, { redirect: 'manual' })
    const query = new URL(back.headers.get('location') ?? '').search
    return ask('GET', `${base}/{provider}/callback`, { id: 'forger', query, headers: cookie })
  }
  const startAt = async () => {
    const begun = await ask('GET', `${base}/{provider}/start`, {
      id: 'forger',
      headers: { authorization: '' },
    })
    return travel(begun.headers.get('location') ?? '', cookieOf(begun))
  }
  await ask('GET', `${base}/{provider}/start`, { id: 'nobody' })
  await ask('GET', `${base}/{provider}/callback`, { id: 'forger' })
  forger.forge({ claims: { email: 'elsewhere@example.com' } })
  expect((await startAt()).status).toBe(303)
  forger.forge({ claims: { sub: 'linked', email: 'linked@example.com' } })
  const link = await ask('POST', `${base}/{provider}/link`, { id: 'forger', body: { password }, headers })
  await ask('POST', `${base}/{provider}/link`, { id: 'forger', body: { wings: 2 }, headers })
  expect((await travel(link.body.data.url, cookieOf(link))).status).toBe(303)
  const begun = await ask('POST', '/api/v1/auth/two-factor/begin', { body: { password }, headers })
  const code = new TOTP({ secret: begun.body.data.secret }).generate()
  const on = await ask('POST', '/api/v1/auth/two-factor/enable', { body: { code }, headers })
  const [first, second] = on.body.data.recovery_codes
  const asked = await startAt()
  expect(asked.body.error.type).toBe('two_factor_required')
  const complete = (body: object) => ask('POST', `${base}/complete`, { body, headers: cookieOf(asked) })
  await complete({ code: 'x' })
  const inside = await complete({ code: first })
  headers.authorization = `Bearer ${inside.body.data.token}`
  await ask('POST', '/api/v1/auth/two-factor/disable', { body: { password, code: second }, headers })
  const again = await ask('POST', '/api/v1/auth/login', {
    body: { email: inside.body.data.user.email, password },
    headers: { authorization: '' },
  })
  headers.authorization = `Bearer ${again.body.data.token}`
  const identities = (await ask('GET', `${base}/identities`, { headers })).body.data
  for (const id of [identities[0].id, 'nobody'])
    await ask('DELETE', `${base}/identities/{id}`, { id, headers })
  await ask('GET', '/api/oauth_identities', { query: '?wings=2' })
  const [left] = (await ask('GET', '/api/oauth_identities')).body.data
  for (const id of [left.id, 'nobody']) await ask('GET', '/api/oauth_identities/{id}', { id })
  for (const id of [left.id, 'nobody']) await ask('DELETE', '/api/oauth_identities/{id}', { id })
  const own = { domain: 'own.example', issuer: 'https://id.own.example', client_id: 'a' }
  const domain = (await ask('POST', '/api/sign_in_domains', { body: own, headers })).body.data
  const prove = () => ask('POST', '/api/v1/sign-in-domains/{id}/prove', { id: domain.id, headers })
  expect((await prove()).status).toBe(409)
  proofs.push(domain.proof)
  expect((await prove()).status).toBe(200)
  await forger.close()
}

/** Asks for everything that people do with their own account; answers the credentials that are left. */
async function accountTour(email: string, password: string, token: string) {
  const account = '/api/v1/auth'
  const none = { authorization: '' }
  let headers = { authorization: `Bearer ${token}` }
  const mailed = async (to: string): Promise<string> => {
    await house.running.settle()
    const { items } = await house.running.house.engine.records.list('logged_email', {
      where: [{ field: 'to', op: 'eq', value: to }],
      limit: 100,
    })
    return (
      [
        ...items
          .map(({ text }) => text)
          .join(' ')
          .matchAll(/token=(\w+)/g),
      ].at(-1)?.[1] ?? ''
    )
  }
  const link = async (to: string, path: string, more: object = {}) => {
    expect(
      (await ask('POST', path, { body: { token: await mailed(to), ...more }, headers: none })).status,
    ).toBe(200)
    await ask('POST', path, { body: { token: 'x', ...more }, headers: none })
  }
  const signIn = async (address: string, secret: string) => {
    const answer = await ask('POST', `${account}/login`, {
      body: { email: address, password: secret },
      headers: none,
    })
    headers = { authorization: `Bearer ${answer.body.data.token}` }
  }
  await link(email, `${account}/verify-email`)
  for (const what of ['request-email-verification', 'request-password-reset'])
    for (const body of [{ email }, {}]) await ask('POST', `${account}/${what}`, { body, headers: none })
  await link(email, `${account}/reset-password`, { password })
  await signIn(email, password)
  await ask('GET', `${account}/sessions`, { headers })
  await ask('GET', `${account}/sessions`)
  await ask('DELETE', `${account}/sessions`, { headers })
  await ask('DELETE', `${account}/sessions`)
  await signIn(email, password)
  const own = (await ask('GET', `${account}/sessions`, { headers })).body.data
  const other = own.find((one: Json) => !one.is_current)?.id ?? 'nobody'
  for (const id of [other, 'nobody']) await ask('DELETE', `${account}/sessions/{id}`, { id, headers })
  const secrets = { current_password: password, new_password: `${password} again` }
  const changed = await ask('POST', `${account}/change-password`, { body: secrets, headers })
  headers = { authorization: `Bearer ${changed.body.data.token}` }
  await ask('POST', `${account}/change-password`, { body: {}, headers })
  const now = `${password} again`
  const moved = { email: `new-${email}`, password: now }
  for (const body of [moved, {}]) await ask('POST', `${account}/change-email`, { body, headers })
  await link(moved.email, `${account}/confirm-email`)
  await signIn(moved.email, now)
  const begun = await ask('POST', `${account}/two-factor/begin`, { body: { password: now }, headers })
  await ask('POST', `${account}/two-factor/begin`, { body: {}, headers })
  const code = new TOTP({ secret: begun.body.data.secret }).generate()
  await ask('POST', `${account}/two-factor/enable`, { body: { code: 'x' }, headers })
  const on = await ask('POST', `${account}/two-factor/enable`, { body: { code }, headers })
  headers = { authorization: `Bearer ${on.body.data.token}` }
  const asked = await ask('POST', `${account}/login`, { body: moved, headers: none })
  expect(asked.body.error.type).toBe('two_factor_required')
  const [recovery] = on.body.data.recovery_codes
  await ask('POST', `${account}/two-factor/disable`, { body: { password: now, code: 'x' }, headers })
  const off = await ask('POST', `${account}/two-factor/disable`, {
    body: { password: now, code: recovery },
    headers,
  })
  headers = { authorization: `Bearer ${off.body.data.token}` }
  await ask('POST', `${account}/close-account`, { body: { password: now, confirmation: 'x' }, headers })
  await ask('POST', `${account}/close-account`, {
    body: { password: now, confirmation: moved.email },
    headers,
  })
  const next = { email: 'eva@example.com', password, organization_name: 'Eva', full_name: 'Eva' }
  const again = await ask('POST', `${account}/register`, { body: next, headers: none })
  return { authorization: `Bearer ${again.body.data.token}` }
}

/** A record that nothing refers to. */
async function spare(plural: string): Promise<string> {
  const plain = {
    organizations: { name: 'Spare' },
    plans: { name: 'spare' },
    coupons: { code: 'SPARE', basis_points: 1 },
  }
  const input = plain[plural as keyof typeof plain] ?? {
    name: 'Spare',
    slug: 'spare',
    organization_id: made['organizations'],
  }
  return (await house.create(plural, input)).id
}
