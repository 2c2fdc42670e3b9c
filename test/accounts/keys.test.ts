import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccountHouse, startAccounts } from './account-house.ts'

type Headers = Record<string, string>
let house: AccountHouse
let ada: Headers
let grace: Headers
let mel: Headers
let melId: string
beforeAll(async () => {
  house = await startAccounts()
  const owner = (await house.register('ada@example.com')).body.data
  ada = house.bearer(owner.token)
  grace = house.bearer((await house.register('grace@example.com')).body.data.token)
  const member = (await house.register('mel@example.com')).body.data
  melId = member.user.id
  mel = house.bearer(member.token)
  const { id: place } = (await house.create('memberships', {
    organization_id: owner.organization.id,
    user_id: melId,
    role: 'member',
  })) as { id: string }
  expect(place).toMatch(/^mbr_/)
  await house.running.house.engine.invoke({
    actor: { kind: 'system', id: 'test' },
    requestId: 'test',
    module: 'user_session',
    action: 'update',
    id: (await house.me(mel)).body.data.session_id,
    input: { active_organization_id: owner.organization.id },
  })
})
afterAll(() => house.close())

const make = (who: Headers, body: object = { name: 'ci' }) => house.ask('POST', '/api/v1/keys', body, who)
const revoke = (who: Headers, id: string) => house.ask('DELETE', `/api/v1/keys/${id}`, undefined, who)
const rotate = (who: Headers, id: string, body: object = {}) =>
  house.ask('POST', `/api/v1/keys/${id}/rotate`, body, who)
const list = async (who: Headers) => (await house.ask('GET', '/api/v1/keys', undefined, who)).body.data.keys
const same = (text: string) => text.replace(/req_\w+/, 'req')

describe('keys of an organization', () => {
  test('are shown once, listed without their secret, and belong to who made them', async () => {
    const made = await make(mel, { name: 'mine', scopes: ['read'], allow_ips: ['10.0.0.0/8'] })
    expect(made.status).toBe(201)
    expect(made.body.data).toMatchObject({ name: 'mine', user_id: melId, scopes: ['read'], is_active: true })
    const text = JSON.stringify(await list(ada))
    expect(text).toContain(made.body.data.id)
    expect(text).not.toContain(made.body.data.key)
    expect(text).not.toContain('hash')
  })

  test('are made once for an Idempotency-Key, by one person in one organization; the answer is the same to the byte', async () => {
    const once = (who: Headers, name = 'once') => make({ ...who, 'idempotency-key': 'key-1' }, { name })
    const [first, again] = [await once(ada), await once(ada)]
    expect([first.status, again.text]).toEqual([201, first.text])
    expect((await once(ada, 'other')).body.error.type).toBe('idempotency_mismatch')
    const others = (await once(mel)).body.data
    expect(others.key).not.toBe(first.body.data.key)
    expect((await list(ada)).filter(({ name }: { name: string }) => name === 'once')).toHaveLength(2)
    const told = (await house.mails('ada@example.com')).filter(({ text }) =>
      text.includes(first.body.data.prefix),
    )
    expect(told).toHaveLength(1)
    const stored = await house.records.get('api_key', first.body.data.id)
    for (const [field, value] of Object.entries(first.body.data)) {
      if (field === 'key' || field === 'is_active' || field === 'limits' || field === 'last_used_at') continue
      expect([field, value]).toEqual([field, stored?.[field as 'name']])
    }
  })

  test('are rotated once for an Idempotency-Key, also by a double click; the answer is the same to the byte', async () => {
    const { id } = (await make(ada, { name: 'turned' })).body.data
    const turn = (body: object = {}) => rotate({ ...ada, 'idempotency-key': 'turn-1' }, id, body)
    const clicks = await Promise.all([turn(), turn()])
    const again = await turn()
    const first = clicks.find(({ status }) => status === 201)
    expect([again.status, again.text]).toEqual([201, first?.text])
    expect(again.body.data).toMatchObject({ replaces: { id }, key: expect.stringMatching(/^ak_/) })
    expect((await turn({ grace_seconds: 5 })).body.error.type).toBe('idempotency_mismatch')
    expect((await list(ada)).filter(({ name }: { name: string }) => name === 'turned')).toHaveLength(2)
    const told = (await house.mails('ada@example.com')).filter(({ text }) =>
      text.includes(again.body.data.prefix),
    )
    expect(told).toHaveLength(1)
    const foreign = await rotate({ ...grace, 'idempotency-key': 'turn-1' }, id)
    expect([foreign.status, foreign.text.includes(again.body.data.key)]).toEqual([404, false])
  })

  test('are revoked by owners; by members only their own; by strangers never, and they learn nothing', async () => {
    const [ofAda, ofMel] = [(await make(ada)).body.data.id, (await make(mel)).body.data.id]
    for (const act of [revoke, rotate]) {
      expect([403, 404]).toContain((await act(mel, ofAda)).status)
      const foreign = await act(grace, ofAda)
      const missing = await act(grace, 'key_none')
      expect([foreign.status, same(foreign.text)]).toEqual([404, same(missing.text)])
    }
    expect((await list(ada)).every(({ revoked_at: at }: { revoked_at: unknown }) => at === null)).toBe(true)
    expect((await revoke(mel, ofMel)).body.data.is_active).toBe(false)
    expect((await revoke(ada, ofAda)).body.data.is_active).toBe(false)
    expect((await revoke(ada, ofAda)).status).toBe(409)
  })

  test('cannot be made with a secret, limits, another maker or another organization', async () => {
    const before = (await list(ada)).length
    for (const [field, value] of [
      ['key', 'x'.repeat(40)],
      ['limits', []],
      ['user_id', melId],
      ['organization_id', 'org_x'],
    ] as const) {
      expect((await make(ada, { [field]: value })).body.error.details.field).toBe(field)
      if (field === 'organization_id') continue
      const given = field === 'limits' ? [{ limit: 1, window_seconds: 1 }] : value
      const direct = await house.ask('POST', '/api/api_keys', { name: 'x', [field]: given }, ada)
      expect([field, direct.status]).toEqual([field, 400])
    }
    expect((await list(ada)).length).toBe(before)
  })

  test('are bounded by owners and admins, never looser than the plan; by nobody else', async () => {
    const { id } = (await make(mel)).body.data
    const bound = (who: Headers, body: object) => house.ask('PATCH', `/api/v1/keys/${id}`, body, who)
    expect((await bound(mel, { spend_cap: 5 })).status).toBe(403)
    expect((await bound(grace, { spend_cap: 5 })).status).toBe(404)
    // The free plan lets ten requests a minute pass.
    const limits = [{ name: 'slow', limit: 5, window_seconds: 60, algorithm: 'fixed_window' }]
    for (const [body, field] of [
      [{ limits: [{ ...limits[0], limit: 11 }] }, 'limits[0].limit'],
      [{ limits: [{ ...limits[0], shadow: true }] }, 'limits[0].shadow'],
      [{ limits: 'none' }, 'limits'],
      [{ spend_cap: -1 }, 'spend_cap'],
      [{ scopes: ['a b'] }, 'scopes'],
      [{ allow_ips: ['x'] }, 'allow_ips[0]'],
      [{ expires_at: null }, 'expires_at'],
    ] as const) {
      const answer = await bound(ada, body)
      expect([field, answer.status, answer.body.error.details.field]).toEqual([field, 400, field])
    }
    const set = { name: 'robot', limits, spend_cap: 500, scopes: ['read'], allow_ips: ['10.0.0.0/8'] }
    expect((await bound(ada, set)).body.data).toMatchObject(set)
    const next = (await rotate(ada, id)).body.data
    expect(next).toMatchObject({ ...set, replaces_id: id })
    expect((await bound(ada, { limits: null, spend_cap: null })).body.data).toMatchObject({
      name: 'robot',
      limits: null,
      spend_cap: null,
    })
  })

  test('and what all of them may spend is capped by owners and admins', async () => {
    const cap = (who: Headers, value: unknown) =>
      house.ask('PUT', '/api/v1/spending/cap', { cap: value }, who)
    expect((await cap(mel, 5)).status).toBe(403)
    for (const wrong of [-1, 1.5, '5', undefined]) expect((await cap(ada, wrong)).status).toBe(400)
    expect((await cap(ada, 5_000)).body.data).toMatchObject({ period: '2026-11', cap: 5_000, spent: [] })
    expect((await house.ask('GET', '/api/v1/spending', undefined, mel)).body.data.cap).toBe(5_000)
    expect((await house.ask('GET', '/api/v1/spending', undefined, grace)).body.data.cap).toBeNull()
    expect((await cap(ada, null)).body.data.cap).toBeNull()
  })

  test('are rotated with an overlap: both are there until the moment the grace ends', async () => {
    const old = (await make(ada, { name: 'prod', scopes: ['read'] })).body.data
    const rotated = (await rotate(ada, old.id, { grace_seconds: 60 })).body.data
    expect(rotated).toMatchObject({ name: 'prod', scopes: ['read'], is_active: true })
    expect(rotated.key).not.toBe(old.key)
    const end = Date.parse(rotated.replaces.expires_at)
    expect(end).toBe(house.clock.now() + 60_000)
    expect((await rotate(ada, old.id, { grace_seconds: -1 })).body.error.details.field).toBe('grace_seconds')
    await revoke(ada, rotated.id)
    expect((await rotate(ada, rotated.id)).status).toBe(409)
  })
})
