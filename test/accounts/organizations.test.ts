import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeRoute } from '#test/support/customer.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { type AccountHouse, password, startAccounts } from './account-house.ts'

interface Person {
  readonly id: string
  readonly email: string
  readonly home: string
  readonly headers: Record<string, string>
}

let house: AccountHouse
let upstream: Upstream
let [ada, bob, eve]: Person[] = []
let round = 0
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startAccounts()
  await makeRoute(house, upstream.url)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(async () => {
  round += 1
  ;[ada, bob, eve] = [await person('ada'), await person('bob'), await person('eve')]
})

async function person(name: string): Promise<Person> {
  const email = `${name}${round}@example.com`
  const { user, organization, token } = (await house.register(email)).body.data
  return { id: user.id, email, home: organization.id, headers: house.bearer(token) }
}
const ask = (who: Person | undefined, method: string, path: string, body?: object) =>
  house.ask(method, path, body, { ...who?.headers, 'x-request-id': 'same' })
const own = async (who: Person | undefined) => (await ask(who, 'GET', '/api/v1/organizations')).body.data
const make = (who: Person | undefined, body: object) => ask(who, 'POST', '/api/v1/organizations', body)
const put = (who: Person | undefined, organization: string, role: string) =>
  house.create('memberships', { organization_id: organization, user_id: who?.id, role })
const transfer = (who: Person | undefined, id: string, userId: string, secret = password) =>
  ask(who, 'POST', `/api/v1/organizations/${id}/transfer`, { user_id: userId, password: secret })
const close = (who: Person | undefined, id: string, confirmation: string, secret = password) =>
  ask(who, 'POST', `/api/v1/organizations/${id}/close`, { password: secret, confirmation })
const keyOf = async (who: Person | undefined): Promise<string> =>
  (await ask(who, 'POST', '/api/v1/keys', { name: 'mine' })).body.data.key
/** What the gateway answers to a key. */
async function through(key: string): Promise<[number, string | undefined]> {
  const response = await fetch(`${house.url}/x`, { headers: { 'x-api-key': key } })
  const body = (await response.json()) as { error?: { type: string } }
  return [response.status, body.error?.type]
}

describe('another organization', () => {
  test('is made with its owner and subscription, all or nothing, and acted in after a switch', async () => {
    const made = await make(ada, { name: 'Second' })
    expect([made.status, made.body.data]).toEqual([
      201,
      {
        id: expect.any(String),
        name: 'Second',
        slug: expect.any(String),
        email: ada?.email,
        status: 'active',
        role: 'owner',
        is_active: false,
      },
    ])
    const { id } = made.body.data
    expect((await own(ada)).map((one: { id: string }) => one.id)).toEqual([ada?.home, id])
    const where = [{ field: 'organization_id', op: 'eq', value: id }] as const
    expect((await house.records.list('subscription', { where })).items).toHaveLength(1)
    expect((await ask(ada, 'POST', `/api/v1/organizations/${id}/switch`, {})).status).toBe(200)
    expect((await house.me(ada?.headers ?? {})).body.data.organization.id).toBe(id)
    expect(await through(await keyOf(ada))).toEqual([200, undefined])
    for (const body of [
      {},
      { name: 'x'.repeat(201) },
      { name: 'x', status: 'active' },
      { name: 'x', email: 'no' },
    ])
      expect((await make(ada, body)).status).toBe(400)
    expect(await own(ada)).toHaveLength(2)
  })

  test('is made once for an Idempotency-Key, which belongs to one person alone', async () => {
    const twice = (who: Person | undefined) =>
      house.ask(
        'POST',
        '/api/v1/organizations',
        { name: 'Once' },
        { ...who?.headers, 'idempotency-key': 'o-1' },
      )
    const [first, again, others] = [await twice(ada), await twice(ada), await twice(bob)]
    expect(again.text).toBe(first.text)
    expect(others.body.data.id).not.toBe(first.body.data.id)
    expect((await own(ada)).length).toBe(2)
  })

  test('is not made without end, also not by many requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => make(eve, { name: `many ${n}` })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(49)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11)
    const where = [{ field: 'name', op: 'like', value: 'many %' }] as const
    expect((await house.records.list('organization', { where, limit: 1, count: true })).total).toBe(49)
  })

  test('is renamed by its owners; for a stranger it is not there, and nobody lifts a suspension with it', async () => {
    const rename = (who: Person | undefined, id: string, body: object) =>
      ask(who, 'PATCH', `/api/v1/organizations/${id}`, body)
    const { id } = (await make(ada, { name: 'Named' })).body.data
    await put(bob, id, 'admin')
    expect((await rename(ada, id, { name: 'Renamed', email: 'Bills@Example.com' })).body.data).toMatchObject({
      name: 'Renamed',
      email: 'bills@example.com',
    })
    expect((await rename(bob, id, { name: 'Mine' })).status).toBe(403)
    expect((await rename(eve, id, { name: 'Mine' })).text).toBe(
      (await rename(eve, 'nobody', { name: 'Mine' })).text,
    )
    for (const body of [{}, { status: 'active' }, { is_operator: true }])
      expect((await rename(ada, id, body)).status).toBe(400)
    const operators = await house.records.list('organization', {
      where: [{ field: 'is_operator', op: 'eq', value: true }],
    })
    const ofOperators = operators.items[0]?.id ?? ''
    await put(ada, ofOperators, 'owner')
    expect((await rename(ada, ofOperators, { name: 'Mine' })).status).toBe(403)
    expect((await close(ada, ofOperators, operators.items[0]?.name ?? '')).status).toBe(403)
  })

  test('is closed by an owner who types its name and their password; its keys are refused and its people are elsewhere', async () => {
    const { id } = (await make(ada, { name: 'Over' })).body.data
    await put(bob, id, 'admin')
    for (const who of [ada, bob]) await ask(who, 'POST', `/api/v1/organizations/${id}/switch`, {})
    const key = await keyOf(bob)
    expect(await through(key)).toEqual([200, undefined])
    expect((await close(bob, id, 'Over')).status).toBe(403)
    expect((await close(eve, id, 'Over')).text).toBe((await close(eve, 'nobody', 'Over')).text)
    expect((await close(ada, id, 'over')).body.error.details.field).toBe('confirmation')
    expect((await close(ada, id, 'Over', 'wrong password')).status).toBe(401)
    expect(await through(key)).toEqual([200, undefined])
    expect((await close(ada, id, 'Over')).status).toBe(200)
    expect(await through(key)).toEqual([403, 'account_suspended'])
    expect((await close(ada, id, 'Over')).status).toBe(404)
    for (const who of [ada, bob])
      expect((await house.me(who?.headers ?? {})).body.data.organization.id).toBe(who?.home)
  })
})

describe('a transfer', () => {
  test('needs the password and another member; then the roles have changed and both are told by mail', async () => {
    const home = ada?.home ?? ''
    await put(bob, home, 'member')
    expect((await transfer(ada, home, bob?.id ?? '', 'wrong password')).status).toBe(401)
    for (const nobody of [eve?.id, ada?.id, 'nobody'])
      expect((await transfer(ada, home, nobody ?? '')).body.error.details.field).toBe('user_id')
    expect((await transfer(bob, home, bob?.id ?? '')).status).toBe(403)
    expect((await transfer(eve, home, eve?.id ?? '')).text).toBe(
      (await transfer(eve, 'nobody', eve?.id ?? '')).text,
    )
    expect((await transfer(ada, home, bob?.id ?? '')).body.data).toEqual({
      organization_id: home,
      owner_id: bob?.id,
    })
    expect((await own(ada))[0]).toMatchObject({ id: home, role: 'admin' })
    expect((await own(bob)).find((one: { id: string }) => one.id === home)).toMatchObject({ role: 'owner' })
    for (const who of [ada, bob]) {
      const mails = (await house.mails(who?.email ?? '')).filter(({ subject }) => /new owner/.test(subject))
      expect(mails).toHaveLength(1)
      expect(mails[0]?.text).toContain(bob?.email)
    }
    expect((await transfer(ada, home, bob?.id ?? '')).status).toBe(403)
  })

  test('made twice at the same moment, to two people, has one new owner', async () => {
    const home = ada?.home ?? ''
    await put(bob, home, 'member')
    await put(eve, home, 'member')
    const answers = await Promise.all([
      transfer(ada, home, bob?.id ?? ''),
      transfer(ada, home, eve?.id ?? ''),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    const where = [{ field: 'organization_id', op: 'eq', value: home }] as const
    const { items } = await house.records.list('membership', { where })
    expect(items.map(({ role }) => role).sort()).toEqual(['admin', 'member', 'owner'])
  })

  test('does not go to somebody whose account is suspended', async () => {
    const home = ada?.home ?? ''
    await put(bob, home, 'member')
    await house.api('POST', `/api/users/${bob?.id}/suspend`, {})
    expect((await transfer(ada, home, bob?.id ?? '')).status).toBe(400)
    expect((await own(ada))[0].role).toBe('owner')
  })
})

describe('the gateway', () => {
  test('refuses on the very next request who is suspended or taken out, and serves again on the next one after', async () => {
    const key = await keyOf(ada)
    const served = [200, undefined]
    const suspended = [403, 'account_suspended']
    expect(await through(key)).toEqual(served)
    for (const path of [`/api/organizations/${ada?.home}`, `/api/users/${ada?.id}`])
      for (const [verb, answer] of [
        ['suspend', suspended],
        ['activate', served],
      ] as const) {
        expect((await house.api('POST', `${path}/${verb}`, {})).status).toBe(200)
        expect([path, verb, await through(key)]).toEqual([path, verb, answer])
      }
    await put(bob, ada?.home ?? '', 'member')
    await ask(bob, 'POST', `/api/v1/organizations/${ada?.home}/switch`, {})
    const theirs = await keyOf(bob)
    expect(await through(theirs)).toEqual(served)
    const owner = house.bearer((await house.login(ada?.email ?? '')).body.data.token)
    expect((await house.ask('DELETE', `/api/v1/team/members/${bob?.id}`, undefined, owner)).status).toBe(200)
    expect(await through(theirs)).toEqual([401, 'key_revoked'])
  })
})
