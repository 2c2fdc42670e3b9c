import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MemberRole, systemActor } from '#contract/actor.ts'
import { documentPath } from '#core/channel/openapi/document.ts'
import { rules, type Who } from '#domain/access/rules.ts'
import { type AccountHouse, startAccounts } from './account-house.ts'

/** Everybody there is, with what they show: people of one organization and of another, operators, a customer key, nobody. */
const everybody = [
  'owner',
  'admin',
  'member',
  'other owner',
  'other admin',
  'other member',
  'superadmin',
  'support',
  'billing',
  'key',
  'nobody',
] as const
type Somebody = (typeof everybody)[number]
interface Operation {
  readonly method: string
  readonly path: string
  /** The rule of an address of its own; undefined for those of modules. */
  readonly who: Who | undefined
}

let house: AccountHouse
let operations: readonly Operation[]
const credentials = {} as Record<Somebody, Record<string, string>>
/** A record of the first organization, or of the instance, by the plural of its module. */
const recordOf = new Map<string, string>()
const homes = { own: '', other: '' }

beforeAll(async () => {
  house = await startAccounts({ env: { APIGATE_CONTROL_RATE_LIMIT: '0' } })
  for (const [prefix, home] of [
    ['', 'own'],
    ['other ', 'other'],
  ] as const) {
    const { user, organization, token } = (await house.register(`owner@${home}.example`)).body.data
    homes[home] = organization.id
    credentials[`${prefix}owner`] = house.bearer(token)
    for (const role of ['admin', 'member'] as const) {
      const person = (await house.register(`${role}@${home}.example`)).body.data
      await house.create('memberships', { organization_id: organization.id, user_id: person.user.id, role })
      const headers = house.bearer(person.token)
      await house.ask('POST', `/api/v1/organizations/${organization.id}/switch`, {}, headers)
      credentials[`${prefix}${role}`] = headers
    }
    const key = await house.create('api_keys', { name: 'k', user_id: user.id })
    credentials.key = house.bearer(key.key)
    if (home === 'own') recordOf.set('api_keys', key.id)
  }
  credentials.nobody = {}
  for (const role of ['superadmin', 'support', 'billing'] as const)
    credentials[role] = house.bearer((await house.create('operator_tokens', { name: role, role })).token)
  await findOperations()
})
afterAll(() => house.close())

async function findOperations(): Promise<void> {
  const document = (await house.api('GET', '/openapi.json')).body
  const named = new Map(Object.entries(rules).map(([rule, who]) => [documentPath(rule), who]))
  operations = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((verb) => {
      const method = verb.toUpperCase()
      return { method, path, who: named.get(`${method} ${path}`) }
    }),
  )
  await makeRecords(document)
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into documents freely
async function makeRecords(document: any): Promise<void> {
  const upstream = await house.create('upstreams', { name: 'u', base_url: 'http://127.0.0.1:9' })
  const made: Record<string, Record<string, unknown>> = {
    routes: { name: 'r', path_pattern: '/x/*', upstream_id: upstream.id },
    invitations: { organization_id: homes.own, email: 'guest@own.example' },
    operators: { email: 'ops@example.com', role: 'support', password: 'correct horse' },
    provider_mappings: { provider: 'stripe', entity_type: 'user', local_id: 'x', external_id: 'y' },
    webhook_endpoints: { organization_id: homes.own, url: 'https://hooks.example/in' },
  }
  for (const [plural, input] of Object.entries(made))
    recordOf.set(plural, (await house.create(plural, input)).id)
  // What only the product itself makes.
  const sent = { endpoint_id: recordOf.get('webhook_endpoints'), event_id: 'e', type: 't', record_id: 'r' }
  const delivery = await house.running.house.engine.invoke({
    actor: systemActor,
    requestId: 'matrix',
    module: 'webhook_delivery',
    action: 'create',
    input: { organization_id: homes.own, ...sent },
  })
  if (delivery.ok) recordOf.set('webhook_deliveries', delivery.value.row.id)
  await house.ask('POST', '/admin/login', { email: 'ops@example.com', password: 'correct horse' })
  for (const module of house.running.house.engine.modules.values()) {
    const { plural } = module
    const item = document.paths[`/api/${plural}`]
    if (recordOf.has(plural) || item === undefined) continue
    const where = [
      { field: plural === 'organizations' ? 'id' : 'organization_id', op: 'eq', value: homes.own },
    ]
    const query = module.scope === 'organization' ? { where } : {}
    const [row] = (await house.records.list(module.name as 'user', query as object)).items
    const example = item.post?.requestBody.content['application/json'].example
    const id = row?.id ?? (example === undefined ? undefined : (await house.create(plural, example)).id)
    if (id !== undefined) recordOf.set(plural, id)
  }
}

/** Asks so that nothing happens also to who may: with a field that is not there, and a version that is not the present one. */
async function statusFor(who: Somebody, { method, path }: Operation, id = 'nobody'): Promise<number> {
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const headers = { ...credentials[who], 'if-match': '"no version"' }
  const address = path.replaceAll(/\{\w+\}/g, id)
  return (await house.ask(method, address, hasBody ? { wings: 2 } : undefined, headers)).status
}

const people: Somebody[] = ['owner', 'admin', 'member', 'other owner', 'other admin', 'other member']
const operators: Somebody[] = ['superadmin', 'support', 'billing']
const opens: Readonly<Record<Who, readonly Somebody[]>> = {
  anyone: everybody,
  visitor: everybody.filter((one) => one !== 'key'),
  guest: everybody.filter((one) => one !== 'key'),
  person: people,
  member: people,
  admin: people.filter((one) => !one.endsWith('member')),
  owner: people.filter((one) => one.endsWith('owner')),
  signed_in: [...people, ...operators],
  operator: operators,
  scraper: operators,
  superadmin: ['superadmin'],
}
/** What happens to who may although nothing was given; that it does is tested elsewhere. */
const effects = [
  'POST /admin/logout',
  'POST /api/v1/auth/logout',
  'DELETE /api/v1/auth/sessions',
  'GET /metrics',
]

describe('the matrix of who may do what', () => {
  test('knows a record of nearly every module: an enumeration of nothing would pass anything', () => {
    expect(recordOf.size).toBeGreaterThan(20)
    expect(operations.length).toBeGreaterThan(190)
  })

  test('holds for every address of its own: whom its rule names, and nobody else', async () => {
    const wrong: string[] = []
    for (const operation of operations) {
      const name = `${operation.method} ${operation.path}`
      if (operation.who === undefined || name === 'GET /metrics') continue
      for (const who of everybody) {
        const may = opens[operation.who].includes(who)
        if (may && effects.includes(name)) continue
        const status = await statusFor(who, operation)
        const isKnown = people.includes(who) || operators.includes(who)
        const isRight = may ? status !== 401 && status !== 403 : status === (isKnown ? 403 : 401)
        if (!isRight) wrong.push(`${name} (${operation.who}) answers ${who} ${status}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('holds for every address of every module, about a record that is there', async () => {
    const wrong: string[] = []
    const unknown = new Set<string>()
    for (const operation of operations) {
      const [, api, plural = ''] = operation.path.split('/')
      if (operation.who !== undefined || api !== 'api' || plural === '_schema') continue
      const name = `${operation.method} ${operation.path}`
      const id = recordOf.get(plural)
      if (operation.path.includes('{') && id === undefined) {
        unknown.add(plural)
        continue
      }
      const may: Somebody[] = []
      for (const who of everybody) {
        const status = await statusFor(who, operation, id)
        if (![401, 403, 404].includes(status)) may.push(who)
        if (status >= 500 || status === 405 || (status === 401) !== (who === 'key' || who === 'nobody'))
          wrong.push(`${name} answers ${who} ${status}`)
      }
      const expected = expectedFor(operation)
      if (may.join() !== expected.join()) wrong.push(`${name} is open to ${may}, not to ${expected}`)
    }
    expect(wrong).toEqual([])
    expect([...unknown]).toEqual(['dummy_payment_objects'])
  })
})

/** What of modules is open to people: to those of the record's organization, or to everybody for what is made and listed in their own. */
const openToPeople: Readonly<Record<string, readonly MemberRole[]>> = {
  'GET /api/api_keys': ['owner', 'admin', 'member'],
  'GET /api/api_keys/{id}': ['owner', 'admin', 'member'],
  'POST /api/api_keys': ['owner', 'admin', 'member'],
  'POST /api/api_keys/{id}/restrict': ['owner', 'admin'],
  'POST /api/api_keys/{id}/retire': ['owner', 'admin'],
  'POST /api/api_keys/{id}/revoke': ['owner', 'admin'],
  'GET /api/invitations': ['owner', 'admin'],
  'GET /api/invitations/{id}': ['owner', 'admin'],
  'POST /api/invitations': ['owner', 'admin'],
  'POST /api/invitations/{id}/cancel': ['owner', 'admin'],
  'GET /api/memberships': ['owner', 'admin', 'member'],
  'GET /api/memberships/{id}': ['owner', 'admin', 'member'],
  'DELETE /api/memberships/{id}': ['owner', 'admin'],
  'PATCH /api/memberships/{id}': ['owner'],
  'PUT /api/memberships/{id}': ['owner'],
  'GET /api/organizations': ['owner', 'admin', 'member'],
  'GET /api/organizations/{id}': ['owner', 'admin', 'member'],
  'POST /api/organizations/{id}/cap_spending': ['owner', 'admin'],
  'GET /api/subscriptions': ['owner', 'admin', 'member'],
  'GET /api/subscriptions/{id}': ['owner', 'admin', 'member'],
}

/** Operators look at everything; superadmins change everything, billing changes what is sold, support changes nothing. */
function expectedFor({ method, path }: Operation): readonly Somebody[] {
  const isOfAdmins = path.startsWith('/api/webhook_')
  const roles: readonly string[] = openToPeople[`${method} ${path}`] ?? (isOfAdmins ? ['owner', 'admin'] : [])
  const isSold = /^\/api\/(plans|subscriptions)\b/.test(path) && method !== 'DELETE'
  return everybody.filter((who) => {
    if (operators.includes(who))
      return method === 'GET' || who === 'superadmin' || (who === 'billing' && isSold)
    const role = who.replace('other ', '')
    return roles.includes(role) && (role === who || !path.includes('{'))
  })
}

/** The matrix of the people, word for word, each row with what is asked for it. */
describe('the roles of an organization', () => {
  const keyOf = async (who: Somebody): Promise<string> =>
    (await house.ask('POST', '/api/v1/keys', { name: who }, credentials[who])).body.data.id
  const joined = async (role: MemberRole): Promise<string> => {
    const { user } = (await house.register(`${house.clock.now()}.${role}@own.example`)).body.data
    house.clock.advance(1)
    await house.create('memberships', { organization_id: homes.own, user_id: user.id, role })
    return user.id
  }
  const v1 = (method: string, path: string, body?: object) => async (who: Somebody) =>
    (await house.ask(method, `/api/v1${path}`, body, credentials[who])).status
  const rows: readonly [string, readonly MemberRole[], (who: Somebody) => Promise<number>][] = [
    ['create API keys', ['owner', 'admin', 'member'], v1('POST', '/keys', { name: 'x' })],
    [
      'revoke API keys of others',
      ['owner', 'admin'],
      async (who) => v1('DELETE', `/keys/${await keyOf('owner')}`)(who),
    ],
    [
      'revoke their own API keys',
      ['owner', 'admin', 'member'],
      async (who) => v1('DELETE', `/keys/${await keyOf(who)}`)(who),
    ],
    [
      'invite members',
      ['owner', 'admin'],
      async (who) => v1('POST', '/team/invite', { email: `${who}@invited.example` })(who),
    ],
    [
      'remove members',
      ['owner', 'admin'],
      async (who) => v1('DELETE', `/team/members/${await joined('member')}`)(who),
    ],
    ['remove admins', ['owner'], async (who) => v1('DELETE', `/team/members/${await joined('admin')}`)(who)],
    [
      'change roles',
      ['owner'],
      async (who) => v1('PUT', `/team/members/${await joined('member')}/role`, { role: 'admin' })(who),
    ],
    ['see the audit log', ['owner', 'admin'], v1('GET', '/audit')],
    ['export the audit log', ['owner', 'admin'], v1('GET', '/audit/export')],
  ]
  test.each(rows)('who may %s: %s', async (_, roles, ask) => {
    for (const who of ['owner', 'admin', 'member'] as const) {
      const status = await ask(who)
      expect([who, status]).toEqual([who, roles.includes(who) ? expect.toSatisfy(isDone) : 403])
    }
  })
})

const isDone = (status: number): boolean => status === 200 || status === 201
