import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documentPath } from '#core/channel/openapi/document.ts'
import { rules, type Who } from '#domain/access/rules.ts'
import { type AccountHouse, cookieOf, sessionCookie, startAccounts } from './account-house.ts'

let house: AccountHouse
let key: string
let operations: readonly { method: string; path: string; who: Who }[]
const people: Record<'owner' | 'admin' | 'member' | 'stranger', string> = {
  owner: '',
  admin: '',
  member: '',
  stranger: '',
}

/** The rule of an address of the document; the addresses of modules share one. */
const ruleOf = (method: string, path: string): Who => {
  const named = Object.entries(rules).find(([rule]) => documentPath(rule) === `${method} ${path}`)
  if (named !== undefined) return named[1]
  return path.startsWith('/ws/') ? rules['module subscriptions'] : rules['module routes']
}

beforeAll(async () => {
  house = await startAccounts()
  const document = (await house.api('GET', '/openapi.json')).body
  operations = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((verb) => {
      const method = verb.toUpperCase()
      return { method, path, who: ruleOf(method, path) }
    }),
  )
  const owner = (await house.register('owner@example.com')).body.data
  people.owner = owner.token
  for (const role of ['admin', 'member'] as const) {
    const { user, token } = (await house.register(`${role}@example.com`)).body.data
    await house.create('memberships', { organization_id: owner.organization.id, user_id: user.id, role })
    // The session acts in the organization that the test put the person into.
    const [session] = (
      await house.records.list('user_session', { where: [{ field: 'user_id', op: 'eq', value: user.id }] })
    ).items
    await house.running.house.engine.invoke({
      actor: { kind: 'system', id: 'test' },
      requestId: 'test',
      module: 'user_session',
      action: 'update',
      id: session?.id ?? '',
      input: { active_organization_id: owner.organization.id },
    })
    people[role] = token
  }
  people.stranger = (await house.register('stranger@example.com')).body.data.token
  key = (await house.create('api_keys', { name: 'k', user_id: owner.user.id })).key
})
afterAll(() => house.close())

const knock = (method: string, path: string, headers: Record<string, string>, id = 'nobody') =>
  house.ask(
    method,
    path.replaceAll(/\{\w+\}/g, id),
    method === 'GET' || method === 'DELETE' ? undefined : {},
    { ...headers, 'x-request-id': 'same' },
  )
const opensTo = (...kinds: Who[]) => operations.filter(({ who }) => kinds.includes(who))

describe('every door there is', () => {
  test('was found', () => {
    expect(operations.length).toBeGreaterThan(120)
    expect(opensTo('person').length).toBeGreaterThan(8)
  })

  test('answers 401 without credentials, with a customer key, and with a token that is nobody’s', async () => {
    const open: string[] = []
    const hex = 'ab'.repeat(32)
    const nobodies = [
      {},
      { authorization: `Bearer ${key}` },
      { 'x-api-key': key },
      { cookie: `${sessionCookie.name}=pss_${hex}; apigate_operator=ses_${hex}` },
      { cookie: `${sessionCookie.name}=${key}` },
    ]
    for (const { method, path } of opensTo(
      'person',
      'member',
      'admin',
      'owner',
      'signed_in',
      'operator',
      'superadmin',
    ))
      for (const headers of nobodies) {
        const { status } = await knock(method, path, headers as Record<string, string>)
        // An address of live events does not speak HTTP at all.
        if (status !== 401 && !(path.startsWith('/ws/') && status === 426))
          open.push(`${method} ${path} ${status}`)
      }
    expect(open).toEqual([])
  })

  test('of operators is closed to people of every role, token and cookie', async () => {
    const open: string[] = []
    const cookie = {
      cookie: cookieOf(await house.login('owner@example.com')),
      'sec-fetch-site': 'same-origin',
    }
    const credentials = [...Object.values(people).map(house.bearer), cookie]
    for (const { method, path } of opensTo('operator', 'superadmin', 'scraper'))
      for (const headers of credentials) {
        if (path === '/metrics') continue
        const { status } = await knock(method, path, headers as Record<string, string>)
        if (status !== 403) open.push(`${method} ${path} ${status}`)
      }
    expect(open).toEqual([])
  })

  test('of people is closed to operators', async () => {
    const open: string[] = []
    for (const { method, path } of opensTo('person', 'member', 'admin', 'owner')) {
      const { status, body } = await knock(method, path, house.bearer(house.token))
      if (status !== 403 || body.error.type !== 'forbidden') open.push(`${method} ${path} ${status}`)
    }
    expect(open).toEqual([])
  })

  test('of modules that belong to operators is closed to people, and nothing of theirs is shown', async () => {
    const open: string[] = []
    const forOperators =
      /^\/api\/(operators|operator_tokens|sessions|user_sessions|users|settings|upstreams|routes|logged_emails|provider_mappings)\b/
    const doors = opensTo('signed_in').filter(({ path }) => forOperators.test(path))
    expect(doors.length).toBeGreaterThan(30)
    for (const { method, path } of doors)
      for (const token of Object.values(people)) {
        const { status } = await knock(method, path, house.bearer(token))
        if (status !== 403 && status !== 404) open.push(`${method} ${path} ${status}`)
      }
    expect(open).toEqual([])
  })

  test('answers about records of others what it answers about none, to the byte', async () => {
    const different: string[] = []
    const owner = (await house.me(house.bearer(people.owner))).body.data
    const ids: Record<string, string | undefined> = {
      organizations: owner.organization.id,
      memberships: (await house.records.list('membership')).items[0]?.id,
      subscriptions: (
        await house.records.list('subscription', {
          where: [{ field: 'organization_id', op: 'eq', value: owner.organization.id }],
        })
      ).items[0]?.id,
      api_keys: (await house.records.list('api_key')).items[0]?.id,
    }
    let probed = 0
    for (const { method, path } of opensTo('signed_in').filter(({ path }) => path.includes('{id}'))) {
      const id = ids[path.split('/')[2] ?? '']
      if (id === undefined || (method === 'GET' && path.startsWith('/ws/'))) continue
      const [theirs, none] = [
        await knock(method, path, house.bearer(people.stranger), id),
        await knock(method, path, house.bearer(people.stranger), `${id.slice(0, 4)}${'0'.repeat(26)}`),
      ]
      probed += 1
      if (theirs.text !== none.text || theirs.status !== none.status || theirs.status < 400)
        different.push(`${method} ${path}: ${theirs.status} ${theirs.text} / ${none.status} ${none.text}`)
    }
    expect(probed).toBeGreaterThan(12)
    expect(different).toEqual([])
  })
})

describe('people of an organization', () => {
  test('see its records and no others through the modules', async () => {
    for (const role of ['owner', 'admin', 'member'] as const) {
      const keys = await house.ask('GET', '/api/api_keys', undefined, house.bearer(people[role]))
      expect([role, keys.status, keys.body.data?.length]).toEqual([role, 200, 1])
      expect(keys.text).not.toContain(key)
    }
    const foreign = await house.ask('GET', '/api/api_keys', undefined, house.bearer(people.stranger))
    expect(foreign.body.data).toEqual([])
  })

  test('are refused at once when the membership, the organization or the user is gone', async () => {
    const data = (await house.register('fired@example.com')).body.data
    const me = () => house.me(house.bearer(data.token))
    const list = () => house.ask('GET', '/api/api_keys', undefined, house.bearer(data.token))
    await house.api('POST', `/api/organizations/${data.organization.id}/suspend`, {})
    expect((await list()).body.error.type).toBe('account_suspended')
    expect((await me()).status).toBe(200)
    await house.api('POST', `/api/organizations/${data.organization.id}/activate`, {})
    expect((await list()).status).toBe(200)
    await house.api('POST', `/api/users/${data.user.id}/suspend`, {})
    for (const answer of [await list(), await me()]) expect(answer.status).toBe(401)
    await house.api('POST', `/api/users/${data.user.id}/activate`, {})
    expect((await me()).status).toBe(401)
  })
})
