import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MemberRole } from '#contract/actor.ts'
import { documentPath } from '#core/channel/openapi/document.ts'
import type { Field, Module } from '#core/schema/module.ts'
import { createRecordStore } from '#core/storage/record-store.ts'
import { rules, type Who } from '#domain/access/rules.ts'
import type { Row } from '#ports/records.ts'
import { type AccountHouse, password, startAccounts } from './account-house.ts'
import { rightsIn } from './module-rights.ts'

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
const scopedPlurals = new Set<string>()
let ownerId = ''
let sessionId = ''

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
    if (home === 'own') {
      recordOf.set('api_keys', key.id)
      ownerId = user.id
      sessionId = (await house.me(house.bearer(token))).body.data.session_id
    }
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
  await makeRecords()
}

/** Finds or makes a record of every module that has an address: of the first organization, where it belongs to one. */
async function makeRecords(): Promise<void> {
  const { house: parts } = house.running
  const { modules } = parts.engine
  const store = createRecordStore(parts.database.db, parts.database.dialect, modules, parts.cipher)
  const operator = { email: 'ops@example.com', role: 'support', password: 'correct horse' }
  recordOf.set('operators', (await house.create('operators', operator)).id)
  await house.ask('POST', '/admin/login', { email: operator.email, password: operator.password })

  const idOf = async (module: Module): Promise<string> => {
    const { plural, scope, name } = module
    const known = recordOf.get(plural)
    if (known !== undefined) return known
    const field = name === 'organization' ? 'id' : 'organization_id'
    const where = scope === 'organization' ? [{ field, op: 'eq' as const, value: homes.own }] : []
    const [there] = (await house.records.list(name as 'membership', { where, limit: 1 })).items
    const id = there?.id ?? (await write(module))
    recordOf.set(plural, id)
    return id
  }
  /** A row as it may stand in the database, whatever the module's hooks would ask of who makes one. */
  const write = async (module: Module): Promise<string> => {
    const now = new Date(house.clock.now()).toISOString()
    const row: Record<string, unknown> & Row = {
      id: parts.ids.next(module.idPrefix),
      created_at: now,
      updated_at: now,
    }
    for (const field of module.fields.values())
      if (!field.isImplicit || field.name === 'organization_id') row[field.name] = await contentOf(field, now)
    const written = await store.insert(module.name, row)
    if (!written.ok) throw new Error(`${module.name}: ${written.message}`)
    return row.id
  }
  const contentOf = async (field: Field, now: string): Promise<unknown> => {
    if (field.name === 'organization_id') return homes.own
    if (field.default !== undefined && field.default !== 'now()') return field.default
    if (!field.isRequired && field.type.name !== 'timestamp') return null
    const to = field.to === undefined ? undefined : modules.get(field.to)
    if (to !== undefined) return idOf(to)
    const usual = { bool: false, email: 'x@example.com', int: field.min ?? 1, json: {}, timestamp: now }
    return field.values[0] ?? usual[field.type.name as keyof typeof usual] ?? 'x'
  }
  for (const module of modules.values()) {
    if (!module.channels.http.enabled) continue
    if (module.scope === 'organization') scopedPlurals.add(module.plural)
    await idOf(module)
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
  cashier: ['superadmin', 'billing'],
}
/** What happens to who may although nothing was given; that it does is tested elsewhere. */
const effects = [
  'POST /admin/logout',
  'POST /api/v1/auth/logout',
  'DELETE /api/v1/auth/sessions',
  'GET /metrics',
  // What is not the way back of a sign-in is refused as that.
  'GET /api/v1/auth/oauth/{provider}/callback',
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
    for (const operation of operations) {
      const [, api, plural = ''] = operation.path.split('/')
      if (operation.who !== undefined || api !== 'api' || plural === '_schema') continue
      const name = `${operation.method} ${operation.path}`
      const id = recordOf.get(plural)
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
  })
})

/** Records of the first organization at the addresses that are no module's. */
const ownRecords: readonly [RegExp, () => string | undefined][] = [
  [/^\/api\/v1\/keys\//, () => recordOf.get('api_keys')],
  [/^\/api\/v1\/organizations\//, () => homes.own],
  [/^\/api\/v1\/team\/invitations\//, () => recordOf.get('invitations')],
  [/^\/api\/v1\/team\/members\//, () => ownerId],
  [/^\/api\/v1\/auth\/sessions\//, () => sessionId],
]

test('what belongs to another organization is answered like what is not there, to the byte, by every address', async () => {
  const wrong: string[] = []
  let asked = 0
  for (const { method, path, who } of operations) {
    const [, , plural = ''] = path.split('/')
    const id =
      who === undefined
        ? scopedPlurals.has(plural) && recordOf.get(plural)
        : ownRecords.find(([pattern]) => pattern.test(path))?.[1]()
    if (!id || !path.includes('{id}') || path.startsWith('/ws/')) continue
    const absent = `${id.slice(0, 4)}${'0'.repeat(id.length - 4)}`
    for (const stranger of ['other owner', 'other member'] as const) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : (bodies[path] ?? {})
      const [theirs, none] = await Promise.all(
        [id, absent].map((one) =>
          house.ask(method, path.replace('{id}', one), body, {
            ...credentials[stranger],
            'x-request-id': 'same',
          }),
        ),
      )
      asked += 1
      if (theirs?.status !== none?.status || theirs?.text !== none?.text || (theirs?.status ?? 0) < 400)
        wrong.push(`${method} ${path}: ${theirs?.status} ${theirs?.text} / ${none?.text}`)
    }
  }
  expect(wrong).toEqual([])
  expect(asked).toBeGreaterThan(60)
})

/** Bodies with which an address would do something, were the record one's own. */
const bodies: Readonly<Record<string, object>> = {
  '/api/v1/organizations/{id}': { name: 'Taken' },
  '/api/v1/organizations/{id}/close': { password, confirmation: 'Organization of owner@own.example' },
  '/api/v1/organizations/{id}/transfer': { password, user_id: 'usr_00000000000000000000000000' },
  '/api/v1/team/members/{id}/role': { role: 'member' },
}

/** Operators look at everything; superadmins change everything, billing changes what is sold, support changes nothing. */
function expectedFor({ method, path }: Operation): readonly Somebody[] {
  const name = `${method} ${path}`
  const { people: roles, isSold } = rightsIn(name)
  return everybody.filter((who) => {
    if (operators.includes(who))
      return method === 'GET' || who === 'superadmin' || (who === 'billing' && isSold)
    const role = who.replace('other ', '')
    return roles.includes(role as MemberRole) && (role === who || !path.includes('{'))
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
    ['upgrade the plan', ['owner'], v1('POST', '/billing/upgrade', { plan: 'starter', preview: true })],
    ['see the audit log', ['owner', 'admin'], v1('GET', '/audit')],
    ['view billing', ['owner', 'admin'], v1('GET', '/billing/history')],
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
