import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AccountHouse, startAccounts } from './account-house.ts'

type Headers = Record<string, string>
interface Person {
  readonly id: string
  readonly home: string
  readonly headers: Headers
}
let house: AccountHouse
let [owner, admin, member, stranger]: Person[] = []
let round = 0

const person = async (name: string): Promise<Person> => {
  const { user, organization, token } = (await house.register(`${name}${round}@example.com`)).body.data
  return { id: user.id, home: organization.id, headers: house.bearer(token) }
}
const ask = (who: Person | undefined, method: string, path: string, body?: object) =>
  house.ask(method, path, body, { ...who?.headers, 'x-request-id': 'same' })
const remove = (who: Person | undefined, id = '') => ask(who, 'DELETE', `/api/v1/team/members/${id}`)
const give = (who: Person | undefined, id = '', role = 'admin') =>
  ask(who, 'PUT', `/api/v1/team/members/${id}/role`, { role })
const roles = async (who: Person | undefined): Promise<Record<string, string>> => {
  const { members } = (await ask(who, 'GET', '/api/v1/team/members')).body.data
  return Object.fromEntries(members.map(({ id, role }: { id: string; role: string }) => [id, role]))
}

beforeAll(async () => {
  house = await startAccounts()
})
afterAll(() => house.close())
beforeEach(async () => {
  round += 1
  ;[owner, admin, member, stranger] = [
    await person('owner'),
    await person('admin'),
    await person('member'),
    await person('stranger'),
  ]
  for (const [somebody, role] of [
    [admin, 'admin'],
    [member, 'member'],
  ] as const) {
    await house.create('memberships', { organization_id: owner?.home, user_id: somebody?.id, role })
    expect((await ask(somebody, 'POST', `/api/v1/organizations/${owner?.home}/switch`, {})).status).toBe(200)
  }
})

describe('a team', () => {
  test('lists its own people only; a stranger learns nothing, neither by removing, nor by promoting, nor by switching', async () => {
    expect(await roles(member)).toEqual({
      [owner?.id ?? '']: 'owner',
      [admin?.id ?? '']: 'admin',
      [member?.id ?? '']: 'member',
    })
    for (const act of [
      (id = '') => remove(stranger, id),
      (id = '') => give(stranger, id),
      (id = '') => ask(stranger, 'POST', `/api/v1/organizations/${id}/switch`, {}),
    ]) {
      const missing = await act('nobody')
      expect(missing.status).toBe(404)
      for (const id of [member?.id, owner?.home]) expect((await act(id)).text).toBe(missing.text)
    }
    expect(Object.keys(await roles(owner))).toHaveLength(3)
  })

  test('is changed as the matrix says: roles by owners, removals by owners and admins, nobody above oneself', async () => {
    for (const somebody of [admin, member]) expect((await give(somebody, member?.id)).status).toBe(403)
    expect((await remove(member, admin?.id)).status).toBeGreaterThanOrEqual(403)
    expect((await remove(admin, owner?.id)).status).toBe(403)
    expect(Object.values(await roles(owner)).sort()).toEqual(['admin', 'member', 'owner'])
    expect((await give(owner, member?.id, 'god')).status).toBe(400)
    expect((await give(owner, member?.id, 'owner')).body.data.role).toBe('owner')
    expect((await remove(owner, admin?.id)).status).toBe(200)
    expect(Object.values(await roles(owner)).sort()).toEqual(['owner', 'owner'])
  })

  test('always has an owner, also when both step down and leave at the same moment', async () => {
    expect((await give(owner, owner?.id, 'member')).status).toBe(409)
    expect((await remove(owner, owner?.id)).status).toBe(409)
    await give(owner, admin?.id, 'owner')
    const answers = await Promise.all([
      give(owner, owner?.id, 'member'),
      remove(admin, admin?.id),
      give(owner, owner?.id, 'admin'),
      remove(owner, owner?.id),
    ])
    expect(answers.some(({ status }) => status === 200)).toBe(true)
    const where = [{ field: 'organization_id', op: 'eq', value: owner?.home }] as const
    const left = (await house.records.list('membership', { where })).items
    expect(left.filter(({ role }) => role === 'owner').length).toBeGreaterThanOrEqual(1)
  })

  test('that takes somebody out takes their keys and sign-ins at once; who leaves stays signed in at home', async () => {
    const { id } = (await ask(member, 'POST', '/api/v1/keys', { name: 'mine' })).body.data
    expect((await remove(admin, member?.id)).status).toBe(200)
    expect((await ask(member, 'GET', '/api/v1/team/members')).status).toBe(401)
    expect((await house.records.get('api_key', id))?.revoked_at).not.toBeNull()
    expect((await remove(admin, admin?.id)).status).toBe(200)
    expect(Object.keys(await roles(admin))).toEqual([admin?.id])
    const mine = (await ask(admin, 'GET', '/api/v1/organizations')).body.data
    expect(mine).toMatchObject([{ id: admin?.home, role: 'owner', is_active: true }])
    expect((await ask(admin, 'POST', `/api/v1/organizations/${owner?.home}/switch`, {})).status).toBe(404)
  })
})
