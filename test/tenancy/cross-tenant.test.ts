import { describe, expect, it } from 'vitest'
import { type Actor, memberRoles } from '#contract/actor.ts'
import type { Field, Module } from '#core/schema/module.ts'
import { scopeColumn } from '#core/schema/names.ts'
import { encodeCursor } from '#core/storage/cursor.ts'
import type { Row } from '#ports/records.ts'
import { type Ask, openWorld, type World } from './world.ts'

const open = '{ auth: role:member }'
/** Modules that open everything to members, so that nothing but the organization stands between two of them. */
const files = {
  'project.yaml': `module: project
meta: { scope: organization }
schema:
  code: { type: string, required: true, unique: true, lookup: true, max: 20 }
actions: { list: ${open}, get: ${open}, create: ${open}, update: ${open}, delete: ${open} }
`,
  'ticket.yaml': `module: ticket
meta: { scope: organization }
schema:
  title: { type: string, required: true, unique: true, lookup: true }
  number: { type: int, unique: true }
  kind: { type: enum, values: [bug, wish], default: bug }
  project_id: { type: ref, to: project, on_delete: cascade }
  user_id: { type: ref, to: user }
  paid: { type: bool, default: false }
  due_at: { type: timestamp }
  reporter: { type: email }
  notes: { type: json }
  token: { type: secret }
  attachment: { type: bytes }
unique:
  - [kind, due_at]
actions:
  list: ${open}
  get: ${open}
  create: ${open}
  update: ${open}
  delete: ${open}
  close: { auth: role:member, set: { paid: true } }
  hand_over:
    auth: role:member
    input: [{ name: project, type: ref, to: project }]
channels:
  http: { serve: { endpoints: [{ action: list, method: GET, path: / }, { action: get, method: GET, path: "/{id}/card" }, { action: create, method: POST, path: / }, { action: update, method: PATCH, path: "/{id}" }, { action: delete, method: DELETE, path: "/{id}" }, { action: close, method: POST, path: "/{id}/shut" }, { action: hand_over, method: POST, path: "/{id}/pass" }] } }
`,
  'diary.yaml': `module: diary
meta: { scope: organization, plural: Diaries }
schema:
  user_id: { type: ref, to: user, required: true }
  text: { type: string, required: true }
actions:
  list: { auth: self_or_admin }
  get: { auth: self_or_admin }
  update: { auth: [self_or_admin, role:owner] }
`,
}

/** What a record of each module that belongs to organizations is made of; `tag` differs between organizations. */
const samples: Readonly<
  Record<string, (facts: Facts & { tag: string }) => Readonly<Record<string, unknown>>>
> = {
  project: ({ tag }) => ({ code: `code-${tag}` }),
  ticket: ({ tag, project, user }) => ({
    title: `title-${tag}`,
    number: tag === 'a' ? 41 : 42,
    kind: 'wish',
    project_id: project,
    user_id: user,
    due_at: tag === 'a' ? '2026-12-24T00:00:00.000Z' : '2026-12-25T00:00:00.000Z',
    reporter: `${tag}@example.com`,
    notes: { tag },
    token: `token-${tag}`,
    attachment: 'AAEC',
  }),
  diary: ({ tag, user }) => ({ user_id: user, text: `dear-${tag}` }),
  api_key: ({ tag, user }) => ({ name: `key-${tag}`, user_id: user }),
  budget_alert: ({ tag }) => ({ measure: 'units', amount: tag === 'a' ? 1001 : 1002 }),
  route_cap: ({ tag, route }) => ({ route_id: route, cap: tag === 'a' ? 2001 : 2002 }),
  invitation: ({ tag }) => ({ email: `guest-${tag}@example.com` }),
  billing_profile: ({ tag }) => ({ legal_name: `firm-${tag}`, country: tag === 'a' ? 'DE' : 'FR' }),
  credit_grant: ({ tag }) => ({ currency: 'USD', amount: tag === 'a' ? 501 : 502, note: `gift-${tag}` }),
  credit_note: ({ tag, invoice }) => ({
    invoice_id: invoice,
    origin: `credit-${tag}`,
    reason: `reason-${tag}`,
    currency: 'USD',
    subtotal: 7,
    tax: 0,
    total: 7,
    off_due: 7,
  }),
  invoice_line: ({ tag, invoice }) => ({
    invoice_id: invoice,
    position: 1,
    kind: 'base',
    description: `line-${tag}`,
    quantity: 1,
    unit_price: '1',
    amount: 100,
    currency: 'USD',
  }),
  coupon_redemption: ({ tag, coupon, subscription }) => ({
    coupon_id: coupon,
    subscription_id: subscription,
    code: `CODE-${tag.toUpperCase()}`,
    redeemed_at: '2026-12-24T00:00:00.000Z',
  }),
  payment: ({ tag, invoice }) => ({
    invoice_id: invoice,
    provider: 'dummy',
    amount: 100,
    currency: 'USD',
    invoice_amount: 100,
    invoice_currency: 'USD',
    origin: `payment-${tag}`,
  }),
  dispute: ({ tag, invoice, payment }) => ({
    invoice_id: invoice,
    payment_id: payment,
    provider: 'dummy',
    amount: tag === 'a' ? 31 : 32,
    currency: 'USD',
    invoice_amount: tag === 'a' ? 31 : 32,
    reason: `dispute-${tag}`,
  }),
  refund: ({ tag, invoice, payment }) => ({
    invoice_id: invoice,
    payment_id: payment,
    provider: 'dummy',
    amount: tag === 'a' ? 51 : 52,
    currency: 'USD',
    invoice_amount: tag === 'a' ? 51 : 52,
    reason: `refund-${tag}`,
    origin: `refund-${tag}`,
  }),
  payment_method: ({ tag }) => ({ provider: 'dummy', label: `card-${tag}` }),
  subscription_change: ({ tag, plan, subscription }) => ({
    subscription_id: subscription,
    at: '2026-12-24T00:00:00.000Z',
    reason: `reason-${tag}`,
    to_plan_id: plan,
    to_status: 'active',
  }),
  sign_in_domain: ({ tag }) => ({
    domain: `${tag}.example`,
    issuer: `https://id.${tag}.example`,
    client_id: `client-${tag}`,
  }),
  webhook_endpoint: ({ tag }) => ({ url: `https://${tag}.example/hook`, description: `hook-${tag}` }),
  webhook_delivery: ({ tag }) => ({
    endpoint_id: `whe_${tag}`,
    event_id: `evt_${tag}`,
    type: 'api_key.created',
    record_id: `key_${tag}`,
    state: 'failed',
  }),
}

interface Facts {
  readonly organization: string
  readonly user: string
  readonly project: string
  readonly invoice: string
  readonly payment: string
  readonly coupon: string
  readonly subscription: string
  readonly route: string
  readonly plan: string
}

/** A route of the operator's, which everybody uses. */
async function routeOf(world: World): Promise<{ readonly id: string }> {
  const [known] = await world.rows('route')
  if (known !== undefined) return known
  const upstream = await world.make('upstream', { name: 'shared', base_url: 'http://127.0.0.1:9' })
  return world.make('route', { name: 'shared', path_pattern: '/shared', upstream_id: upstream.id })
}

/** Opens an account and gives it a record of every module that belongs to organizations. */
async function settle(world: World, tag: string): Promise<{ facts: Facts; rows: ReadonlyMap<string, Row> }> {
  const user = await world.make('user', { email: `${tag}@example.com`, name: `name-${tag}` })
  const organization = String(
    (await world.rows('user')).find(({ id }) => id === user.id)?.['organization_id'],
  )
  const project = await world.make('project', { organization_id: organization, code: `first-${tag}` })
  const bill = { kind: 'manual', origin: `bill-${tag}`, currency: 'USD' }
  const invoice = await world.make('invoice', { organization_id: organization, ...bill })
  const payment = await world.make('payment', {
    organization_id: organization,
    invoice_id: invoice.id,
    provider: 'dummy',
    amount: 100,
    currency: 'USD',
    invoice_amount: 100,
    invoice_currency: 'USD',
    origin: `first-${tag}`,
  })
  const coupon = await world.make('coupon', { code: `CODE-${tag.toUpperCase()}`, basis_points: 500 })
  const subscription = (await world.rows('subscription')).find(
    ({ organization_id: owner }) => owner === organization,
  )
  const route = await routeOf(world)
  const facts = {
    organization,
    user: user.id,
    project: project.id,
    invoice: invoice.id,
    payment: payment.id,
    coupon: coupon.id,
    subscription: subscription?.id ?? '',
    route: route.id,
    plan: String(subscription?.['plan_id']),
  }
  const rows = new Map<string, Row>()
  for (const module of scoped(world)) {
    const sample = samples[module.name]
    if (sample !== undefined)
      await world.make(module.name, { organization_id: organization, ...sample({ tag, ...facts }) })
    const own = (await world.rows(module.name)).filter(
      (row) => row[scopeColumn(module) ?? ''] === organization,
    )
    const row = own.at(-1)
    if (row === undefined) throw new Error(`there is no ${module.name} to look for: add a sample`)
    rows.set(module.name, row)
  }
  return { facts, rows }
}

/** The modules of organizations that have an address. */
const scoped = (world: World): readonly Module[] =>
  [...world.modules.values()].filter(
    (module) => module.scope === 'organization' && module.channels.http.enabled,
  )

const text = (value: unknown): string =>
  encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Everything that somebody may try on the list of a module who knows the record of another organization. */
function lists(base: string, fields: readonly Field[], theirs: Row): Ask[] {
  const queries = ['', '?count=true', '?limit=100&count=true&sort=-created_at']
  for (const { name } of fields) {
    const value = text(theirs[name])
    queries.push(`?${name}=${value}&count=true`, `?${name}[ne]=${value}&count=true`, `?sort=${name}`)
    queries.push(
      `?${name}[gte]=${value}&count=true`,
      `?${name}[in]=${value}&count=true`,
      `?${name}[like]=%25&sort=-${name}`,
    )
  }
  const cursor = encodeCursor('id', { value: theirs.id, id: theirs.id })
  return [...queries, `?cursor=${cursor}`].map((query) => ({ method: 'GET', path: `${base}${query}` }))
}

const inputs = (fields: readonly Field[], theirs: Row, victim: Facts): Record<string, unknown>[] => {
  const settable = fields.filter((field) => !field.isImplicit && !field.isInternal && !field.isWriteOnly)
  const copied = Object.fromEntries(
    settable.filter(({ name }) => name !== 'organization_id').map(({ name }) => [name, theirs[name]]),
  )
  return [
    {},
    copied,
    { ...copied, organization_id: victim.organization },
    ...settable.map(({ name }) => ({ [name]: theirs[name] })),
    ...settable.filter(({ to }) => to === 'project').map(({ name }) => ({ [name]: victim.project })),
    ...settable.filter(({ to }) => to === 'project').map(({ name }) => ({ [name]: 'first-a' })),
  ]
}

/** Every request to every address of a module, about the victim's record and about the own one with the victim's values. */
function attempts(world: World, module: Module, theirs: Row, own: Row, victim: Facts): Ask[] {
  const shown = [...module.fields.values()].filter((field) => !field.isInternal)
  const handles = [
    theirs.id,
    ...shown.filter(({ isLookup }) => isLookup).map(({ name }) => text(theirs[name])),
  ]
  const bodies = inputs(shown, theirs, victim)
  const bases = [module.channels.http.basePath, `/api/${module.name}`]
  const asks: Ask[] = []
  for (const { method, path } of world.routes) {
    const base = bases.find((one) => path === one || path.startsWith(`${one}/`))
    if (base === undefined) continue
    const hasBody = method !== 'GET' && method !== 'DELETE'
    if (!path.includes(':id')) {
      if (method === 'GET') asks.push(...lists(path, shown, theirs))
      else for (const body of bodies) asks.push({ method, path, body })
      continue
    }
    for (const handle of handles) {
      const named = path.replace(':id', handle)
      asks.push({ method, path: named, ...(hasBody ? { body: {} } : {}) })
      if (hasBody)
        asks.push({
          method,
          path: named,
          body: { project: victim.project },
          headers: { 'if-match': '*', 'idempotency-key': `${path}${handle}`.slice(0, 255) },
        })
    }
    if (hasBody) for (const body of bodies) asks.push({ method, path: path.replace(':id', own.id), body })
  }
  return asks
}

/** Two worlds with one history, but for the victim, who is only in the first. */
async function twoWorlds() {
  const [inhabited, empty] = await Promise.all([openWorld(files), openWorld(files)])
  const [own] = await Promise.all([settle(inhabited, 'b'), settle(empty, 'b')])
  const victim = await settle(inhabited, 'a')
  inhabited.counter.next = 100_000
  empty.counter.next = 100_000
  return { inhabited, empty, own, victim }
}

const actors = (facts: Facts): readonly Actor[] => [
  ...memberRoles.map(
    (role): Actor => ({
      kind: 'member',
      id: facts.user,
      organizationId: facts.organization,
      role,
    }),
  ),
  { kind: 'system', id: 'system', organizationId: facts.organization },
  { kind: 'anonymous' },
]

describe('what belongs to another organization', () => {
  it('leaves no trace in any answer of any address: the bytes are those of a world without it', async () => {
    const { inhabited, empty, own, victim } = await twoWorlds()
    const before = await Promise.all(scoped(inhabited).map((module) => inhabited.rows(module.name)))
    let asked = 0
    for (const actor of actors(own.facts)) {
      for (const module of scoped(inhabited)) {
        const theirs = victim.rows.get(module.name)
        const mine = own.rows.get(module.name)
        if (theirs === undefined || mine === undefined) throw new Error(module.name)
        for (const ask of attempts(inhabited, module, theirs, mine, victim.facts)) {
          // Users are of the whole instance, and hooks, which act as the system, may look at them.
          if (actor.kind === 'system' && JSON.stringify(ask.body ?? '').includes(victim.facts.user)) continue
          // An organization's slug is its public name, one in the whole instance.
          if (module.name === 'organization' && Object.hasOwn(ask.body ?? {}, 'slug')) continue
          const [there, nowhere] = [await inhabited.ask(actor, ask), await empty.ask(actor, ask)]
          const who = actor.kind === 'member' ? actor.role : actor.kind
          expect(there, `${who}: ${ask.method} ${ask.path} ${JSON.stringify(ask.body ?? '')}`).toBe(nowhere)
          asked += 1
        }
      }
    }
    expect(asked).toBeGreaterThan(1_000)
    for (const [at, module] of scoped(inhabited).entries()) {
      const scope = scopeColumn(module) ?? ''
      const ofVictim = (rows: readonly Row[]) =>
        rows.filter((row) => row[scope] === victim.facts.organization)
      expect(ofVictim(await inhabited.rows(module.name)), module.name).toEqual(ofVictim(before[at] ?? []))
    }
  })

  it('is there for its own members and for operators: the two worlds are told apart by those who may', async () => {
    const { inhabited, empty, own, victim } = await twoWorlds()
    const operator: Actor = { kind: 'operator', id: 'opr_1', role: 'superadmin' }
    const [insider] = actors(victim.facts)
    for (const module of scoped(inhabited)) {
      const path = `${module.channels.http.basePath}/${victim.rows.get(module.name)?.id}`
      for (const actor of [operator, insider ?? operator]) {
        expect(await inhabited.ask(actor, { method: 'GET', path }), module.name).toMatch(/^200 /)
        expect(await empty.ask(actor, { method: 'GET', path }), module.name).toMatch(/^404 /)
      }
      const mine = `${module.channels.http.basePath}/${own.rows.get(module.name)?.id}`
      expect(await inhabited.ask(insider ?? operator, { method: 'GET', path: mine })).toMatch(/^404 /)
    }
  })
})
