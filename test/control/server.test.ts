import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { errors } from '#contract/errors.ts'
import { type ControlHouse, startControl } from './control-house.ts'

let house: ControlHouse
beforeAll(async () => {
  house = await startControl()
})
afterAll(() => house.stop())
beforeEach(() => {
  house.circumstances.address = '203.0.113.7'
  house.circumstances.isDraining = false
  house.circumstances.isMetricsPublic = false
  house.circumstances.checks = { database: async () => undefined }
})

/** What a server answers to bytes that no well-behaved client would send. */
function talk(request: string): Promise<string> {
  const socket = connect(Number(new URL(house.url).port), '127.0.0.1')
  socket.end(request)
  return text(socket)
}

describe('every answer', () => {
  const answers: [what: string, method: string, path: string][] = [
    ['a success', 'GET', '/health'],
    ['a refusal', 'GET', '/api/operators'],
    ['an unknown address', 'GET', '/nothing/here'],
    ['a page', 'GET', '/docs/errors'],
    ['a wrong method', 'DELETE', '/health'],
  ]
  for (const [what, method, path] of answers) {
    test(`carries the security headers and a request id: ${what}`, async () => {
      const { headers } = await house.bare(method, path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin')
      expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/)
      expect(headers.has('strict-transport-security')).toBe(false)
      expect(headers.has('access-control-allow-origin')).toBe(false)
    })
  }

  test('keeps a well-formed request id of the client and replaces any other', async () => {
    const kept = await house.bare('GET', '/nothing', { headers: { 'x-request-id': 'trace-42:a' } })
    expect(kept.headers.get('x-request-id')).toBe('trace-42:a')
    expect(kept.body.error.request_id).toBe('trace-42:a')
    for (const bad of ['with space', '<script>', 'x'.repeat(200)]) {
      const answer = await house.bare('GET', '/nothing', { headers: { 'x-request-id': bad } })
      expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
    }
  })

  test('over HTTPS asks browsers to stay there', async () => {
    house.circumstances.isSecure = true
    const { headers } = await house.bare('GET', '/health')
    house.circumstances.isSecure = false
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000')
  })
})

describe('addresses', () => {
  test('an unknown one is 404 in the error envelope', async () => {
    const answer = await house.bare('GET', '/api/nothing')
    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({ success: false, error: { type: 'not_found', code: 'NOT_FOUND' } })
  })

  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  const kindOf = async (method: string, path: string, accept?: string): Promise<string> => {
    const answer = await house.bare(method, path, { headers: accept === undefined ? {} : { accept } })
    expect([method, path, answer.status]).toEqual([method, path, 404])
    expect(answer.headers.get('cache-control')).toMatch(/no-(store|cache)/)
    return answer.headers.get('content-type') ?? ''
  }

  test('an unknown one that a browser opens is a page with ways on from there, and 404 all the same', async () => {
    for (const path of [
      '/docs/nothing',
      '/docs/<b>x',
      '/console',
      '/marketplace/a/b',
      '/admin',
      '/nothing',
    ]) {
      expect(await kindOf('GET', path, browser)).toBe('text/html; charset=utf-8')
      expect(await kindOf('HEAD', path, browser)).toBe('text/html; charset=utf-8')
    }
    const { text, headers } = await house.bare('GET', '/docs/<b>x', { headers: { accept: browser } })
    expect(text).toContain('There is no such page')
    expect(text).toMatch(/<a [^>]*href="\/docs"/)
    expect(text).toContain(headers.get('x-request-id') ?? 'an id')
    expect(text).not.toMatch(/<b>x|<script(?! src="\/)|<style|\sstyle=/)
    expect((await house.bare('HEAD', '/docs/nothing', { headers: { accept: browser } })).text).toBe('')
  })

  test('an unknown one is JSON for programs, and where only programs ask whatever they say that they like', async () => {
    const json = 'application/json; charset=utf-8'
    for (const accept of [
      undefined,
      '',
      '*/*',
      'application/json',
      'application/json, text/html;q=0.9',
      'text/html;q=0, */*',
      'text/*',
      ';;,,q=',
      'x'.repeat(5_000),
    ])
      expect([accept, await kindOf('GET', '/docs/nothing', accept)]).toEqual([accept, json])
    for (const path of [
      '/api/nothing',
      '/api',
      '/v1/nothing',
      '/public/x',
      '/ws/x',
      '/admin/nothing',
      '/assets/x',
    ])
      expect([path, await kindOf('GET', path, browser)]).toEqual([path, json])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect([method, await kindOf(method, '/docs/nothing', browser)]).toEqual([method, json])
  })

  test('a known one with another method is 405 and names the methods', async () => {
    for (const [method, path, allow] of [
      ['POST', '/health', 'GET, HEAD'],
      ['OPTIONS', '/api/operators', 'GET, HEAD, POST'],
      ['GET', '/admin/login', 'POST'],
    ] as const) {
      const answer = await house.bare(method, path)
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
      expect(answer.body.error.type).toBe('method_not_allowed')
    }
  })

  test('a malformed Host is refused as malformed', async () => {
    const answer = await talk('GET /health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('"type":"invalid_request"')
    expect(answer).toMatch(/x-request-id: req_/i)
  })

  test('tricks with the path open nothing', async () => {
    for (const path of [
      '//api/operators',
      '/api//operators',
      '/API/operators',
      '/api/operators%2F',
      '/api/%6fperators/',
      '/x/../api/operators',
    ]) {
      const answer = await talk(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 40[14] /)
    }
  })
})

describe('a failure inside', () => {
  test('is 500 without a word about it, and stands in the log under the request id', async () => {
    const answer = await house.send('POST', '/api/spare_parts', { body: { name: 'x', note: 'explode' } })
    expect(answer.status).toBe(500)
    expect(answer.body.error).toMatchObject({ type: 'internal_error', message: errors.internal_error.title })
    expect(answer.text).not.toMatch(/boom|secret|\.ts/)
    const logged = house.lines.map((line) => JSON.parse(line)).find(({ level }) => level === 'error')
    expect(logged).toMatchObject({
      request_id: answer.body.error.request_id,
      error: { message: 'boom at /var/secret' },
    })
    expect(house.events).not.toContain('spare_part.created')
  })
})

describe('health', () => {
  test('is open, says what works in one word each, and carries no details', async () => {
    house.circumstances.checks = { database: async () => 'sqlite at /data/x', journal: async () => undefined }
    for (const path of ['/health', '/health/ready']) {
      const answer = await house.bare('GET', path)
      expect(answer.status).toBe(200)
      expect(answer.body).toMatchObject({
        status: 'healthy',
        services: { database: 'up', journal: 'up' },
        version: '0.0.0-test',
      })
      expect(Object.keys(answer.body).sort()).toEqual([
        'memory',
        'services',
        'status',
        'timestamp',
        'uptime',
        'version',
      ])
      expect(answer.text).not.toContain('/data')
    }
  })

  test('is 503 when a part fails or hangs and while draining, but the process lives', async () => {
    const states: [() => void, object][] = [
      [
        () => (house.circumstances.checks = { database: () => Promise.reject(new Error('gone')) }),
        { database: 'down' },
      ],
      [() => (house.circumstances.checks = { journal: () => new Promise(() => {}) }), { journal: 'down' }],
      [() => (house.circumstances.isDraining = true), {}],
    ]
    for (const [change, services] of states) {
      change()
      const answer = await house.bare('GET', '/health/ready')
      expect([answer.status, answer.body.status]).toEqual([503, 'unhealthy'])
      expect(answer.body.services).toMatchObject(services)
      expect((await house.bare('GET', '/health/live')).status).toBe(200)
      house.circumstances.checks = { database: async () => undefined }
    }
  })

  test('with providers is for operators', async () => {
    expect((await house.bare('GET', '/admin/health')).status).toBe(401)
    const answer = await house.raw('GET', '/admin/health')
    expect(answer.body).toMatchObject({ status: 'healthy', providers: { payment: { provider: 'dummy' } } })
  })
})

describe('metrics', () => {
  test('are closed to strangers, open to operators, to this machine, and to all when they are public', async () => {
    expect((await house.bare('GET', '/metrics')).status).toBe(401)
    expect((await house.raw('GET', '/metrics')).status).toBe(200)
    house.circumstances.address = '127.0.0.1'
    expect((await house.bare('GET', '/metrics')).status).toBe(200)
    house.circumstances.address = '203.0.113.7'
    house.circumstances.isMetricsPublic = true
    expect((await house.bare('GET', '/metrics')).status).toBe(200)
  })

  test('are not open to clients behind a proxy on this machine', async () => {
    house.circumstances.address = '127.0.0.1'
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
      expect((await house.bare('GET', '/metrics', { headers: { [name]: 'anything' } })).status).toBe(401)
    }
  })

  test('count answers by route and status, never by path', async () => {
    await house.send('GET', '/api/operators/opr_secret1')
    await house.send('GET', '/wp-login.php')
    const { text: scraped, headers } = await house.raw('GET', '/metrics')
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(scraped).toMatch(
      /http_requests_total\{method="GET",route="\/api\/operators\/:id",status="404"\} 1/,
    )
    expect(scraped).toMatch(/http_requests_total\{method="GET",route="unmatched",status="404"\} \d+/)
    expect(scraped).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/api\/operators\/:id"\} 1/,
    )
    expect(scraped).toMatch(/apigate_auth_failures_total\{reason="operator"\} [1-9]/)
    expect(scraped).not.toMatch(/opr_secret1|wp-login/)
  })
})

describe('pages', () => {
  test('every error that a body links to has its place', async () => {
    const { body } = await house.bare('GET', '/api/operators')
    expect(body.error.docs_url).toBe('/docs/errors#unauthorized')
    const { text: html } = await house.bare('GET', '/docs/errors')
    for (const type of Object.keys(errors)) expect(html).toContain(`id="${type}"`)
  })

  test('hold nothing that their own content policy forbids, and link only to what answers', async () => {
    for (const path of ['/', '/docs/errors']) {
      const { text: html, headers } = await house.bare('GET', path)
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(html).not.toMatch(/<script(?! src=)|<style|\sstyle=|\son[a-z]+=/i)
      for (const [, link = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g)) {
        expect([link, (await house.bare('GET', link)).status]).toEqual([link, 200])
      }
    }
  })
})

test('one line a request is logged, with the route and the operator and without the query', async () => {
  house.lines.length = 0
  await house.raw('GET', '/admin/usage/summary?month=2026-11', { headers: { 'x-request-id': 'line-1' } })
  const lines = house.lines
    .map((line) => JSON.parse(line))
    .filter(({ request_id }) => request_id === 'line-1')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({
    level: 'debug',
    method: 'GET',
    route: '/admin/usage/summary',
    status: 200,
  })
  expect(lines[0].actor).toMatch(/^opt_/)
})

test('the usage summary takes a month and an organization, and nothing else', async () => {
  const answer = await house.raw('GET', '/admin/usage/summary?month=2026-11&organization_id=org_1')
  expect(answer.body.data.month).toBe('2026-11 of org_1')
  const refused = await house.raw('GET', '/admin/usage/summary?year=2026')
  expect([refused.status, refused.body.error.details.field]).toEqual([400, 'year'])
})
