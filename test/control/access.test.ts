import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { doors } from '#control/guard.ts'
import { type ControlHouse, startControl } from './control-house.ts'

let house: ControlHouse
beforeAll(async () => {
  house = await startControl()
})
afterAll(() => house.stop())
beforeEach(() => {
  house.events.length = 0
})

const messages = {
  operator: 'An operator token or an operator session is needed',
  person: 'Sign in first: a session or its token is needed',
  either: 'An operator, or a person who is signed in, is needed',
}
const hex = 'ab'.repeat(32)
const json = { 'content-type': 'application/json' }

/** Everything that must not open a door of the operators. */
const strangers: [who: string, query: string, headers: Record<string, string>][] = [
  ['nobody', '', {}],
  ['an invented operator token', '', { authorization: `Bearer opt_${hex}` }],
  ['an invented session as a token', '', { authorization: `Bearer ses_${hex}` }],
  ['an invented session cookie', '', { cookie: `apigate_operator=ses_${hex}` }],
  ["an operator's session in a person's cookie", '', { cookie: `apigate_session=ses_${hex}` }],
  ['a token that nobody signed', '', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }],
  ["a customer's key as a bearer", '', { authorization: `Bearer ak_${hex}` }],
  ["a customer's key as X-API-Key", '', { 'x-api-key': `ak_${hex}` }],
  ["a customer's key in the query", `?api_key=ak_${hex}`, {}],
  ['an empty bearer', '', { authorization: 'Bearer ' }],
  ['a bearer of two words', '', { authorization: `Bearer opt_${hex} x` }],
  ['basic credentials', '', { authorization: 'Basic b3B0OnB3' }],
  ['a token without its scheme', '', { authorization: `opt_${hex}` }],
  ['an overlong token', '', { authorization: `Bearer opt_${hex.repeat(100)}` }],
]

const isOpen = (who: string): boolean => ['anyone', 'visitor', 'guest'].includes(who)

describe('every door of the control plane', () => {
  test('was found: an enumeration of nothing would pass anything', () => {
    expect(house.control.routes.length).toBeGreaterThan(80)
  })

  for (const [who, query, headers] of strangers) {
    test(`is closed to ${who}, with one and the same answer`, async () => {
      const open: string[] = []
      for (const route of house.control.routes.filter(({ who }) => !isOpen(who))) {
        const path = route.path.replace(':id', 'x').replace(':module', 'operator')
        const init = route.method === 'GET' ? { headers } : { headers: { ...json, ...headers }, body: '{}' }
        const answer = await house.bare(route.method, path + query, init)
        const { type, code, message } = answer.body?.error ?? {}
        if (answer.status !== 401 || type !== 'unauthorized')
          open.push(`${route.method} ${path}: ${answer.status}`)
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="apigate"')
        expect([code, message]).toEqual(['UNAUTHORIZED', messages[doors[route.who as keyof typeof doors]]])
      }
      expect(open).toEqual([])
      expect(house.events).toEqual([])
    })
  }

  test('that stands open to anyone is on this list', () => {
    const open = house.control.routes
      .filter(({ who }) => isOpen(who))
      .map(({ method, path }) => `${method} ${path}`)
    expect(open.sort()).toEqual([
      'GET /',
      'GET /api/v1/auth/oauth',
      'GET /api/v1/auth/oauth/:provider/callback',
      'GET /api/v1/auth/oauth/:provider/start',
      'GET /assets/app/:file',
      'GET /assets/base.css',
      'GET /assets/gateway.schema.json',
      'GET /assets/icon.svg',
      'GET /assets/site.js',
      'GET /assets/theme.js',
      'GET /docs',
      'GET /docs/api',
      'GET /docs/authentication',
      'GET /docs/client.mjs',
      'GET /docs/client.py',
      'GET /docs/clients',
      'GET /docs/errors',
      'GET /docs/limits',
      'GET /docs/llms.txt',
      'GET /docs/openapi.json',
      'GET /docs/plans',
      'GET /docs/platform',
      'GET /docs/platform.json',
      'GET /docs/requests',
      'GET /docs/search',
      'GET /docs/webhooks',
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'GET /llms.txt',
      'GET /openapi.json',
      'GET /openapi.yaml',
      'GET /portal',
      'GET /portal/*',
      'GET /public/dummy-payment/:id',
      'GET /ui',
      'GET /ui/*',
      'POST /admin/login',
      'POST /admin/setup',
      'POST /api/v1/auth/confirm-email',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/oauth/complete',
      'POST /api/v1/auth/register',
      'POST /api/v1/auth/request-email-verification',
      'POST /api/v1/auth/request-password-reset',
      'POST /api/v1/auth/reset-password',
      'POST /api/v1/auth/verify-email',
      'POST /api/v1/keys/leaked',
      'POST /api/v1/team/accept-invitation',
      'POST /api/v1/team/decline-invitation',
      'POST /api/v1/team/view-invitation',
      'POST /api/v1/webhooks/:provider',
      'POST /public/dummy-payment/:id',
      'POST /webhooks/:provider',
    ])
  })
})

describe('an operator token', () => {
  const issue = async (fields: object) =>
    (
      await house.send('POST', '/api/operator_tokens', {
        body: { name: 'test', role: 'superadmin', ...fields },
      })
    ).body.data
  const with_ = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

  test('is shown once, kept as a digest, and recognised by its first characters', async () => {
    const made = await issue({})
    expect(made.token).toMatch(/^opt_[0-9a-f]{64}$/)
    expect(made.prefix).toBe(made.token.slice(0, 12))
    const read = await house.send('GET', `/api/operator_tokens/${made.id}`)
    expect(read.text).not.toContain(made.token)
    expect(read.body.data).not.toHaveProperty('hash')
    const row = await house.engine.records.get('operator_token', made.id)
    expect(row?.hash).toBe(house.tokenDigest.digest(made.token))
    const me = await house.bare('GET', '/admin/me', with_(made.token))
    expect(me.body.data).toMatchObject({ id: made.id, role: 'superadmin', credential: 'token' })
    expect(house.events).toEqual(['operator_token.created'])
  })

  test('that was revoked is refused on the very next request', async () => {
    const made = await issue({})
    expect((await house.bare('GET', '/api/operators', with_(made.token))).status).toBe(200)
    await house.send('POST', `/api/operator_tokens/${made.id}/revoke`, { body: {} })
    expect((await house.bare('GET', '/api/operators', with_(made.token))).status).toBe(401)
    expect(house.events).toEqual(['operator_token.created', 'operator_token.revoke'])
  })

  test('works until the moment it expires and not at it', async () => {
    const expiresAt = new Date(house.clock.now() + 1000).toISOString()
    const made = await issue({ expires_at: expiresAt })
    house.clock.time += 999
    expect((await house.bare('GET', '/api/operators', with_(made.token))).status).toBe(200)
    house.clock.time += 1
    expect((await house.bare('GET', '/api/operators', with_(made.token))).status).toBe(401)
  })

  test('cannot be given a hash or a prefix from outside', async () => {
    for (const field of ['hash', 'prefix']) {
      const answer = await house.send('POST', '/api/operator_tokens', {
        body: { name: 'x', role: 'support', [field]: 'chosen' },
      })
      expect([answer.status, answer.body.error.details.field]).toEqual([400, field])
    }
    expect(house.events).toEqual([])
  })

  test('of support looks and changes nothing; of billing it stays away from operators', async () => {
    for (const role of ['support', 'billing']) {
      const { token } = await issue({ role })
      const events = house.events.length
      expect((await house.bare('GET', '/api/operators', with_(token))).status).toBe(200)
      const init = {
        headers: { ...json, authorization: `Bearer ${token}` },
        body: '{"name":"x","role":"superadmin"}',
      }
      const answer = await house.bare('POST', '/api/operator_tokens', init)
      expect([role, answer.status, answer.body.error.type]).toEqual([role, 403, 'permission_denied'])
      expect(house.events).toHaveLength(events)
    }
  })

  test('is never written to the log', async () => {
    const made = await issue({})
    await house.bare('GET', `/admin/me?token=${made.token}`, with_(made.token))
    expect(house.lines.length).toBeGreaterThan(0)
    for (const secret of [made.token, house.token])
      expect(house.lines.join('')).not.toContain(secret.slice(4))
  })
})

test('sessions cannot be made or changed from outside, only ended', async () => {
  for (const [method, path] of [
    ['POST', '/api/sessions'],
    ['PATCH', '/api/sessions/x'],
    ['PUT', '/api/sessions/x'],
  ] as const) {
    expect((await house.send(method, path, { body: {} })).status).toBe(405)
  }
})
