import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AccountHouse, password, startAccounts } from './account-house.ts'
import { type FlowRequest, runFlow, someOf } from './run-flow.ts'

interface Person {
  readonly id: string
  readonly email: string
  readonly home: string
  readonly token: string
}

/** One try of a flow: what is asked, and what must be true afterwards, done in full or not at all; it answers whether it was done. */
interface Try {
  readonly request: FlowRequest
  readonly isDone: (house: AccountHouse) => Promise<boolean>
}

/** How often each flow is killed, each time on accounts of its own. */
const kills = 3
const next = 'another long password'
const clock = { now: Date.now }

async function person(house: AccountHouse, email: string): Promise<Person> {
  const { user, organization, token } = (await house.register(email)).body.data
  return { id: user.id, email, home: organization.id, token }
}

const flows: Record<string, (house: AccountHouse, name: string) => Promise<Try>> = {
  'accepting an invitation': async (house, name) => {
    const owner = await person(house, `${name}-owner@example.com`)
    const email = `${name}@example.com`
    await house.ask('POST', '/api/v1/team/invite', { email, role: 'member' }, house.bearer(owner.token))
    const token = await house.mailedToken(email)
    const request = { path: '/api/v1/team/accept-invitation', body: { token, password, full_name: 'N' } }
    return {
      request,
      async isDone({ records, ask, fresh, login }) {
        const user = await records.getBy('user', 'email', email)
        const invitation = (
          await records.list('invitation', { where: [{ field: 'email', op: 'eq', value: email }] })
        ).items[0]
        const members = await records.list('membership', {
          where: [{ field: 'organization_id', op: 'eq', value: owner.home }],
        })
        const isIn = user !== undefined && members.items.some(({ user_id: id }) => id === user.id)
        expect([user !== undefined, members.items.length, invitation?.status]).toEqual(
          isIn ? [true, 2, 'accepted'] : [false, 1, 'pending'],
        )
        expect((await login(email)).status).toBe(isIn ? 200 : 401)
        const again = await ask('POST', request.path, request.body, fresh())
        expect(again.status === 201).toBe(!isIn)
        return isIn
      },
    }
  },

  'handing an organization over': async (house, name) => {
    const owner = await person(house, `${name}-old@example.com`)
    const other = await person(house, `${name}-new@example.com`)
    await house.create('memberships', { organization_id: owner.home, user_id: other.id, role: 'member' })
    return {
      request: {
        path: `/api/v1/organizations/${owner.home}/transfer`,
        body: { user_id: other.id, password },
        token: owner.token,
      },
      async isDone({ records }) {
        const where = [{ field: 'organization_id', op: 'eq', value: owner.home }] as const
        const { items } = await records.list('membership', { where })
        const roleOf = ({ id }: Person) => items.find(({ user_id: user }) => user === id)?.role
        const isOver = roleOf(other) === 'owner'
        const transfers = (await records.list('ownership_transfer', { where })).items.length
        expect([roleOf(owner), roleOf(other), transfers]).toEqual(
          isOver ? ['admin', 'owner', 1] : ['owner', 'member', 0],
        )
        return isOver
      },
    }
  },

  'setting a forgotten password': async (house, name) => {
    const who = await person(house, `${name}@example.com`)
    await house.ask('POST', '/api/v1/auth/request-password-reset', { email: who.email }, house.fresh())
    const token = await house.mailedToken(who.email)
    const request = { path: '/api/v1/auth/reset-password', body: { token, password: next } }
    return {
      request,
      async isDone({ login, me, bearer, ask, fresh }) {
        const isReset = (await login(who.email, next)).status === 200
        expect((await login(who.email, password)).status).toBe(isReset ? 401 : 200)
        expect((await me(bearer(who.token))).status).toBe(isReset ? 401 : 200)
        const again = await ask('POST', request.path, request.body, fresh())
        expect(again.status === 200).toBe(!isReset)
        return isReset
      },
    }
  },

  'closing an account': async (house, name) => {
    const who = await person(house, `${name}@example.com`)
    return {
      request: {
        path: '/api/v1/auth/close-account',
        body: { password, confirmation: who.email },
        token: who.token,
      },
      async isDone({ records, me, bearer, login }) {
        const isClosed = (await records.get('user', who.id))?.status === 'cancelled'
        const parts = [
          (await records.get('organization', who.home))?.status,
          (await me(bearer(who.token))).status,
          (await login(who.email)).status,
        ]
        expect(parts).toEqual(isClosed ? ['closed', 401, 401] : ['active', 200, 200])
        return isClosed
      },
    }
  },

  'rotating a key': async (house, name) => {
    const who = await person(house, `${name}@example.com`)
    const made = await house.ask('POST', '/api/v1/keys', { name: 'k' }, house.bearer(who.token))
    const { id } = made.body.data
    return {
      request: { path: `/api/v1/keys/${id}/rotate`, body: {}, token: who.token },
      async isDone({ records }) {
        const where = [{ field: 'organization_id', op: 'eq', value: who.home }] as const
        const { items } = await records.list('api_key', { where })
        const isRotated = items.length === 2
        expect([items.length, items.find((key) => key.id === id)?.expires_at === null]).toEqual(
          isRotated ? [2, false] : [1, true],
        )
        return isRotated
      },
    }
  },
}

let house: AccountHouse
beforeAll(async () => {
  house = await startAccounts({ clock })
})
afterAll(async () => {
  await house.close()
  rmSync(house.dataDirectory, { recursive: true, force: true })
})

test.each(Object.keys(flows))(
  '%s is done in full or not at all, wherever the process is killed',
  async (name) => {
    const flow = flows[name]
    if (flow === undefined) throw new Error(name)
    const short = name.replaceAll(' ', '-')
    const tries: Try[] = []
    for (let count = 0; count <= kills; count++) tries.push(await flow(house, `${short}-${count}`))
    const [whole, ...killed] = tries
    const { token, dataDirectory } = house
    await house.running.close()
    const done = whole && (await runFlow(house, whole.request))
    expect([200, 201]).toContain(done?.status)
    const steps = someOf(done?.looks ?? 0, kills)
    const answers: unknown[] = []
    for (const [index, step] of steps.entries()) {
      const { request } = killed[index] as Try
      answers.push(await runFlow(house, request, step))
    }
    house = await startAccounts({ clock, overrides: { dataDirectory }, token })
    expect(await whole?.isDone(house)).toBe(true)
    const states: boolean[] = []
    for (const { isDone } of killed.slice(0, steps.length)) states.push(await isDone(house))
    // What was answered is done; the first step is before everything.
    expect(states.filter((isDone, index) => answers[index] !== undefined && !isDone)).toEqual([])
    expect([states[0], answers[0]]).toEqual([false, undefined])
  },
  300_000,
)
