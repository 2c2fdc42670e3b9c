import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mayWhileImpersonating } from '#domain/access/impersonation.ts'
import { rules } from '#domain/access/rules.ts'
import { type AccountHouse, cookieOf, password, sessionCookie, startAccounts } from './account-house.ts'

let house: AccountHouse
let userId: string
let organizationId: string
let own: Record<string, string>
beforeAll(async () => {
  house = await startAccounts()
  const answer = await house.register('member@example.com')
  userId = answer.body.data.user.id
  organizationId = answer.body.data.organization.id
  own = house.bearer(answer.body.data.token)
})
afterAll(() => house.close())
beforeEach(() => house.clock.advance(60_000))

const reason = 'ticket 4711: cannot see an invoice'
const operatorOf = async (role: string): Promise<Record<string, string>> => {
  const made = await house.create('operator_tokens', { name: role, role })
  return { ...house.bearer(made.token), id: made.id }
}
const begin = (operator: Record<string, string>, more: object = {}) =>
  house.ask('POST', '/admin/impersonations', { user_id: userId, reason, ...more }, operator)
const asMember = async (role = 'superadmin', more: object = {}) => {
  const operator = await operatorOf(role)
  const answer = await begin(operator, more)
  expect(answer.status, answer.text).toBe(201)
  return { operator, answer, headers: house.bearer(answer.body.data.token) }
}
const auditOf = async (query: string) => (await house.api('GET', `/admin/audit?${query}`)).body.data

describe('an operator who acts as a member', () => {
  test('sees what the member sees, and every answer says so, also one that refuses', async () => {
    const { headers, operator, answer } = await asMember()
    expect(answer.headers.get('set-cookie')).toContain(`${sessionCookie.name}=`)
    const me = await house.me(headers)
    expect(me.body.data.user.id).toBe(userId)
    expect(me.body.data.impersonation).toEqual({
      operator_id: operator['id'],
      reason,
      is_read_only: false,
      expires_at: answer.body.data.expires_at,
    })
    expect((await house.me({ cookie: cookieOf(answer) })).body.data.impersonation.reason).toBe(reason)
    expect((await house.me(own)).body.data.impersonation).toBeNull()
    for (const path of [
      '/api/v1/keys',
      '/api/v1/keys?cursor=x',
      '/api/plans',
      '/api/v1/team/members',
      '/admin/me',
    ])
      expect([
        path,
        (await house.ask('GET', path, undefined, headers)).headers.get('x-impersonated-by'),
      ]).toEqual([path, operator['id']])
    expect((await house.me(own)).headers.has('x-impersonated-by')).toBe(false)
  })

  test('has to say why, of somebody who is there, and for an hour at most', async () => {
    const operator = await operatorOf('superadmin')
    for (const [more, field] of [
      [{ reason: '' }, 'reason'],
      [{ reason: undefined }, 'reason'],
      [{ reason: 'why\r\nnot' }, 'reason'],
      [{ reason: 'x'.repeat(501) }, 'reason'],
      [{ minutes: 0 }, 'minutes'],
      [{ minutes: 61 }, 'minutes'],
      [{ minutes: 1.5 }, 'minutes'],
      [{ wings: 2 }, 'wings'],
    ] as const) {
      const answer = await begin(operator, more)
      expect([answer.status, answer.body.error.details.field]).toEqual([400, field])
    }
    expect((await begin(operator, { user_id: 'usr_none' })).status).toBe(404)
    expect((await begin(operator, { organization_id: 'org_none' })).status).toBe(409)
    expect((await begin({})).status).toBe(401)
    expect((await begin(own)).status).toBe(403)
    expect((await begin(await operatorOf('billing'))).status).toBe(403)
    const { headers } = await asMember()
    expect((await begin(headers)).status).toBe(403)
  })

  test('changes no credential, no address and no secret of a key, whatever its role, and nothing that is not opened', async () => {
    const { headers } = await asMember()
    await house.running.settle()
    const seq = await house.running.house.engine.lastSeq()
    const passwords = { current_password: password, new_password: 'another long password' }
    const key = (await house.ask('POST', '/api/v1/keys', { name: 'own' }, own)).body.data
    const tries: [method: string, path: string, body?: object][] = [
      ['POST', '/api/v1/auth/change-password', passwords],
      ['POST', '/api/v1/auth/change-email', { email: 'evil@example.com', password }],
      ['POST', '/api/v1/auth/close-account', { password, confirmation: 'member@example.com' }],
      ['POST', '/api/v1/auth/two-factor/begin', { password }],
      ['POST', '/api/v1/auth/two-factor/enable', { code: '000000' }],
      ['POST', '/api/v1/auth/oauth/google/link', { password }],
      ['DELETE', '/api/v1/auth/sessions'],
      ['POST', '/api/v1/keys', { name: 'mine' }],
      ['POST', `/api/v1/keys/${key.id}/rotate`, {}],
      ['POST', '/api/api_keys', { name: 'mine' }],
      ['PATCH', `/api/users/${userId}`, { email: 'evil@example.com' }],
      ['PATCH', `/api/organizations/${organizationId}`, { name: 'Evil' }],
      [
        'POST',
        '/api/sign_in_domains',
        { domain: 'evil.example', issuer: 'https://evil.example', client_id: 'x' },
      ],
    ]
    // The mail about the key is written some time after the key.
    await house.running.settle()
    const before = (await house.running.house.engine.lastSeq()) - seq
    for (const [method, path, body] of tries) {
      const answer = await house.ask(method, path, body, headers)
      expect([path, [403, 404].includes(answer.status)]).toEqual([path, true])
    }
    const agent = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'create_api_key', arguments: {} },
    }
    const asked = await house.ask('POST', '/api/mcp', agent, { ...headers, accept: 'application/json' })
    expect(asked.text).not.toContain('ak_')
    expect((await house.running.house.engine.lastSeq()) - seq).toBe(before)
    const revoked = await house.ask('DELETE', `/api/v1/keys/${key.id}`, undefined, headers)
    expect(revoked.status).toBe(200)
    const [entry] = await auditOf(`organization_id=${organizationId}&action=api_key.revoke`)
    expect(entry).toMatchObject({
      actor_kind: 'member',
      actor_id: userId,
      operator_id: expect.stringMatching(/^opt_/),
    })
  })

  test('that is support looks, and changes nothing at all', async () => {
    const { headers } = await asMember('support')
    expect((await house.me(headers)).body.data.impersonation.is_read_only).toBe(true)
    expect((await house.ask('GET', '/api/v1/keys', undefined, headers)).status).toBe(200)
    const key = (await house.ask('POST', '/api/v1/keys', { name: 'own' }, own)).body.data
    for (const path of [`/api/v1/keys/${key.id}`, `/api/api_keys/${key.id}`])
      expect((await house.ask('DELETE', path, undefined, headers)).status).toBe(403)
    expect((await house.ask('POST', `/api/api_keys/${key.id}/revoke`, {}, headers)).status).toBe(403)
  })

  test('leaves entries on both sides: in the log of the organization and in that of the instance', async () => {
    const { operator, headers } = await asMember()
    await house.ask('POST', '/api/v1/auth/impersonation/end', undefined, headers)
    const theirs = await auditOf(`organization_id=${organizationId}&actor=${operator['id']}`)
    expect(theirs.map(({ action }: { action: string }) => action)).toEqual([
      'impersonation.end',
      'impersonation.begin',
    ])
    expect(JSON.stringify(theirs[1])).toContain(reason)
    const ours = await auditOf(`organization_id=instance&actor=${operator['id']}`)
    expect(ours.map(({ action }: { action: string }) => action)).toEqual([
      'user_session.revoke',
      'user_session.create',
    ])
    expect(JSON.stringify(ours[1])).toContain(reason)
  })

  test('is out when time is up, when it is ended, and when the operator or the member is out', async () => {
    const late = await asMember('superadmin', { minutes: 5 })
    house.clock.advance(5 * 60_000)
    expect((await house.me(late.headers)).status).toBe(401)
    const ended = await asMember()
    expect((await house.ask('POST', '/api/v1/auth/impersonation/end', undefined, own)).status).toBe(409)
    expect((await house.ask('POST', '/api/v1/auth/impersonation/end', undefined, ended.headers)).status).toBe(
      200,
    )
    expect((await house.me(ended.headers)).status).toBe(401)
    const revoked = await asMember()
    await house.api('POST', `/api/operator_tokens/${revoked.operator['id']}/revoke`, {})
    expect((await house.me(revoked.headers)).status).toBe(401)
    const running = await asMember('support')
    const listed = (await house.api('GET', '/admin/impersonations')).body.data
    const mine = listed.find(({ operator_id: id }: { operator_id: string }) => id === running.operator['id'])
    expect(mine).toMatchObject({
      user_id: userId,
      organization_id: organizationId,
      reason,
      is_read_only: true,
    })
    const other = await operatorOf('support')
    expect((await house.ask('DELETE', `/admin/impersonations/${mine.id}`, undefined, other)).status).toBe(403)
    expect((await house.api('DELETE', `/admin/impersonations/${mine.id}`)).status).toBe(200)
    expect((await house.me(running.headers)).status).toBe(401)
    expect((await house.api('DELETE', `/admin/impersonations/${mine.id}`)).status).toBe(404)
    const last = await asMember()
    await house.api('POST', `/api/users/${userId}/suspend`, {})
    expect((await house.me(last.headers)).status).toBe(401)
    expect((await begin(await operatorOf('superadmin'))).body.error.type).toBe('account_suspended')
    await house.api('POST', `/api/users/${userId}/activate`, {})
    own = house.bearer((await house.login('member@example.com')).body.data.token)
  })

  test('does not make its own address one that the member is known at', async () => {
    const from = house.fresh()
    const operator = await operatorOf('superadmin')
    await house.ask('POST', '/admin/impersonations', { user_id: userId, reason }, { ...operator, ...from })
    const [session] = (await house.ask('GET', '/api/v1/auth/sessions', undefined, own)).body.data
    expect(session).toMatchObject({ is_impersonation: true })
  })
})

test('every change that is declared is closed to who acts as somebody, but for the few that are opened', () => {
  const changes = Object.keys(rules).filter((rule) => /^(?:POST|PUT|PATCH|DELETE) \//.test(rule))
  const openTo = (isReadOnly: boolean) =>
    changes.filter((rule) => {
      const [method = '', path = ''] = rule.split(' ')
      return mayWhileImpersonating({ method, path, isOfModule: false }, isReadOnly)
    })
  const always = ['POST /api/mcp', 'POST /api/v1/auth/impersonation/end', 'POST /api/v1/auth/logout']
  expect(openTo(true).sort()).toEqual(always)
  expect(openTo(false).sort()).toEqual(['DELETE /api/v1/keys/:id', ...always])
})
