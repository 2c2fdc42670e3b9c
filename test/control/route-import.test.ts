import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { createAjvBodyValidators } from '#adapters/validation/ajv-body-validators.ts'
import { createImportOpenApi } from '#app/catalogue/import-openapi/import-openapi.ts'
import { systemActor } from '#contract/actor.ts'
import { makeCustomer } from '#test/support/customer.ts'
import { type ApiAnswer, startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let house: TestHouse
let upstream: Upstream
let made = 0
let name = ''
beforeAll(async () => {
  house = await startHouse()
  upstream = await startUpstream()
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(() => {
  made += 1
  name = `shop${made}`
})
afterEach(async () => {
  const { data } = (await house.api('GET', '/api/routes?limit=100')).body
  for (const { id } of data) await house.api('DELETE', `/api/routes/${id}`)
})

const weather = readFileSync('examples/weather-api/openapi.yaml', 'utf8')

const shop = (paths: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  openapi: '3.0.3',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: `${upstream.url}/base` }],
  paths,
  ...more,
})

async function importText(text: string, query: Record<string, string> = {}, type = 'application/yaml') {
  const parameters = new URLSearchParams({ upstream: name, ...query })
  const response = await fetch(`${house.url}/admin/routes/import?${parameters}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${house.token}`, 'content-type': type },
    body: text,
  })
  const answer: ApiAnswer = {
    status: response.status,
    headers: response.headers,
    body: await response.json(),
  }
  return answer
}
const importShop = (paths: Record<string, unknown>, query: Record<string, string> = {}, more = {}) =>
  importText(stringify(shop(paths, more)), query)

const states = (answer: ApiAnswer): string[] =>
  answer.body.data.routes.map((route: { name: string; state: string }) => `${route.name}: ${route.state}`)

describe('importing an OpenAPI document', () => {
  it('makes an upstream and routes that serve at once, and need a key', async () => {
    const answer = await importShop({
      '/items': { get: { summary: 'All of them' }, post: {} },
      '/items/{item-id}': { get: { security: [] } },
    })
    expect(answer.status).toBe(200)
    expect(answer.body.data).toMatchObject({
      dry_run: false,
      document: { title: 'Shop', version: '1' },
      upstream: { state: 'new', name, base_url: `${upstream.url}/base` },
      counts: { new: 2, changed: 0, unchanged: 0, obsolete: 0 },
    })
    const { key } = await makeCustomer(house)
    const ask = (method: string, path: string, headers = {}) =>
      fetch(house.url + path, { method, headers: { authorization: `Bearer ${key}`, ...headers } })
    expect((await ask('GET', '/items')).status).toBe(200)
    expect((await ask('POST', '/items')).status).toBe(200)
    expect((await ask('DELETE', '/items')).status).toBe(404)
    expect((await ask('GET', '/items/7?full=1')).status).toBe(200)
    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /base/items',
      'POST /base/items',
      'GET /base/items/7?full=1',
    ])
    expect((await ask('GET', '/items/7', { authorization: '' })).status).toBe(401)
    const route = (await house.api('GET', `/api/routes?name=${name}-items`)).body.data[0]
    expect(route).toMatchObject({ description: 'All of them', methods: ['GET', 'POST'], auth_required: true })
  })

  it('a second time changes what changed, keeps what is there, and never deletes', async () => {
    await importShop({ '/a': { get: {} }, '/b': { get: {} }, '/c': { get: {} } })
    await house.api('PATCH', `/api/routes/${name}-a`, { priority: 7, description: 'mine' })
    const again = await importShop({ '/a': { get: {} }, '/b': { get: {}, put: {} }, '/d': { get: {} } })
    expect(states(again)).toEqual([
      `${name}-a: unchanged`,
      `${name}-b: changed`,
      `${name}-d: new`,
      `${name}-c: obsolete`,
    ])
    expect(again.body.data.upstream.state).toBe('unchanged')
    expect((await house.api('GET', `/api/routes/${name}-c`)).status).toBe(200)
    expect((await house.api('GET', `/api/routes/${name}-a`)).body.data).toMatchObject({
      priority: 7,
      description: 'mine',
    })
    const third = await importShop({ '/a': { get: {} }, '/b': { get: {}, put: {} }, '/d': { get: {} } })
    expect(third.body.data.counts).toEqual({ new: 0, changed: 0, unchanged: 3, obsolete: 1 })
  })

  it('all or nothing: when one record is refused, none of it is there and nobody is told', async () => {
    await house.create('upstreams', { name: 'other', base_url: 'http://127.0.0.1:1' }).catch(() => undefined)
    const before = await house.running.house.engine.lastSeq()
    // Longer than a path may be stored, which only the write finds out.
    const refused = await importShop({ '/a': { get: {} }, [`/${'x'.repeat(1_100)}`]: { get: {} } })
    expect(refused.status).toBe(400)
    expect(refused.body.error).toMatchObject({
      type: 'validation_error',
      message: expect.stringMatching(/^path \/x+…: path_pattern/),
    })
    expect(await house.running.house.engine.lastSeq()).toBe(before)
    expect((await house.api('GET', `/api/upstreams/${name}`)).status).toBe(404)
    expect((await house.api('GET', `/api/routes/${name}-a`)).status).toBe(404)
  })

  it('dry shows the same and writes nothing', async () => {
    const before = await house.running.house.engine.lastSeq()
    const dry = await importShop({ '/a': { get: {} } }, { dry_run: 'true' })
    expect(dry.body.data).toMatchObject({
      dry_run: true,
      upstream: { state: 'new', id: null },
      routes: [{ state: 'new', id: null, name: `${name}-a` }],
    })
    expect(await house.running.house.engine.lastSeq()).toBe(before)
    const real = await importShop({ '/a': { get: {} } })
    expect(states(real)).toEqual(states(dry))
    expect(real.body.data.routes[0].id).toMatch(/^rte_/)
  })

  it('below a prefix, by an address of its own, with open paths public', async () => {
    const query = { prefix: '/shop', base_url: upstream.url, public_from_security: 'true' }
    const answer = await importShop(
      { '/open/{id}': { get: {} }, '/mixed': { get: {}, post: { security: [{ k: [] }] } } },
      query,
      { security: [] },
    )
    expect(answer.body.data.routes.map((route: { auth_required: boolean }) => route.auth_required)).toEqual([
      false,
      true,
    ])
    expect(answer.body.data.notes).toEqual([
      { field: '#/paths/~1mixed', line: 10, reason: expect.stringContaining('for some methods only') },
    ])
    upstream.seen.length = 0
    expect((await fetch(`${house.url}/shop/open/7`)).status).toBe(200)
    expect((await fetch(`${house.url}/open/7`)).status).toBe(404)
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/open/7'])
  })

  it('keeps the address of an upstream that is there, and says so', async () => {
    await house.create('upstreams', { name, base_url: 'http://127.0.0.1:9' })
    const kept = await importShop({ '/a': { get: {} } })
    expect(kept.body.data.upstream).toMatchObject({ state: 'unchanged', base_url: 'http://127.0.0.1:9' })
    expect(kept.body.data.notes).toEqual([
      { field: '#/servers/0/url', line: 6, reason: expect.stringContaining('keeps http://127.0.0.1:9') },
    ])
    const changed = await importShop({ '/a': { get: {} } }, { base_url: upstream.url })
    expect(changed.body.data.upstream).toMatchObject({ state: 'changed', base_url: upstream.url })
    expect((await house.api('GET', `/api/upstreams/${name}`)).body.data.base_url).toBe(upstream.url)
  })

  it('takes the document of the weather API, as YAML and as JSON', async () => {
    const yaml = await importText(weather, { prefix: '/weather' })
    expect(yaml.body.data.counts).toMatchObject({ new: 6 })
    expect(yaml.body.data.upstream.base_url).toBe('http://127.0.0.1:9000')
    const json = await importText(JSON.stringify(shop({ '/a': { get: {} } })), {}, 'application/json')
    expect(json.status).toBe(200)
  })
})

describe('a document that cannot be imported', () => {
  it('is refused with every place, its line, and the reason', async () => {
    const answer = await importShop({ '/health': { get: {} }, '/a/{b': { get: {} }, '/c': { fetch: {} } })
    expect(answer.status).toBe(400)
    expect(answer.body.error.message).toMatch(/^#\/paths\/~1c\/fetch \(line 13\) is neither a method/)
    const places = await importShop({ '/health': { get: {} }, '/a/{b': { get: {} } })
    expect(places.body.error.details.errors).toEqual([
      { field: '#/paths/~1health', line: 8, reason: expect.stringContaining('prefix') },
      { field: '#/paths/~1a~1{b', line: 10, reason: expect.stringContaining('brace') },
    ])
  })

  it.each([
    ['malformed YAML', 'a: [1', /not valid YAML/],
    ['no OpenAPI', '[]', /must be a map/],
    ['nothing', '', /must be a map/],
    [
      'another file',
      stringify({ openapi: '3.0.0', info: { title: 'x' }, paths: { '/a': { $ref: 'file:///etc/passwd' } } }),
      /another document/,
    ],
    [
      'no server',
      stringify({ openapi: '3.0.0', info: { title: 'x' }, paths: { '/a': { get: {} } } }),
      /names no server/,
    ],
  ])('%s', async (_what, text, message) => {
    const answer = await importText(text)
    expect(answer.status).toBe(400)
    expect(answer.body.error.message).toMatch(message)
  })

  it('is not told back at length', async () => {
    const answer = await importShop({ [`/${'a'.repeat(100_000)}{`]: { get: {} } })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body).length).toBeLessThan(2_000)
  })

  it('is too large', async () => {
    expect((await importText(' '.repeat(2 * 1024 * 1024 + 1))).status).toBe(413)
  })

  it.each([
    [{ prefix: 'x' }, 'prefix'],
    [{ base_url: 'ftp://a' }, 'base_url'],
    [{ dry_run: 'yes' }, 'dry_run'],
    [{ upstrem: 'x' }, 'upstrem'],
    [{ validate: 'yes' }, 'validate'],
  ])('or the choices %j are wrong', async (query, field) => {
    const answer = await importShop({ '/a': { get: {} } }, query)
    expect(answer.status).toBe(400)
    expect(answer.body.error.details.field).toBe(field)
  })

  it('or comes from somebody who may not, or without saying what it is', async () => {
    const { key } = await house
      .create('operator_tokens', { name: 'looker', role: 'support' })
      .then((row) => ({ key: row.token ?? row.key }))
    const text = stringify(shop({ '/a': { get: {} } }))
    const ask = (headers: Record<string, string>) =>
      fetch(`${house.url}/admin/routes/import`, { method: 'POST', headers, body: text })
    expect((await ask({ authorization: `Bearer ${key}`, 'content-type': 'application/yaml' })).status).toBe(
      403,
    )
    expect((await ask({ 'content-type': 'application/yaml' })).status).toBe(401)
    expect((await ask({ authorization: `Bearer ${house.token}`, 'content-type': 'image/png' })).status).toBe(
      400,
    )
  })
})

describe('with schemas', () => {
  const importing = async (schema: unknown) => {
    const { records } = house.running.house.engine
    const calls: unknown[] = []
    const importOpenApi = createImportOpenApi({
      records,
      validators: createAjvBodyValidators(),
      invokeAll: async (asked) => {
        calls.push(...asked.map(({ input }) => input))
        return { ok: true, value: asked.map(() => ({ row: { id: 'rte_1' }, once: {} })) }
      },
    })
    const body = { content: { 'application/json': { schema } } }
    const data = shop({ '/a': { post: { requestBody: body }, get: {} } })
    const outcome = await importOpenApi({
      source: { data, lineOf: () => 3 },
      choices: { upstream: name, prefix: '', isPublicFromSecurity: false, isValidated: true },
      isDryRun: false,
      actor: systemActor,
      requestId: 'req',
    })
    return { outcome, calls }
  }

  it('a route gets those of its bodies, by method', async () => {
    const { outcome, calls } = await importing({ type: 'string' })
    expect(outcome.ok).toBe(true)
    expect(calls[1]).toMatchObject({
      request_schema: { POST: { required: false, schema: { type: 'string' } } },
    })
  })

  it('a document is refused for one that cannot be carried out, with its place', async () => {
    const { outcome, calls } = await importing({ pattern: '(?=x)' })
    expect(outcome).toMatchObject({
      ok: false,
      details: {
        field: '#/paths/~1a/post/requestBody',
        line: 3,
        reason: expect.stringContaining('cannot be carried out'),
      },
    })
    expect(calls).toEqual([])
  })
})
