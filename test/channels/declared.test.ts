import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { type ApiAnswer, startHouse, type TestHouse } from '#test/support/start-house.ts'
import { runApigate } from '../cli/run-apigate.ts'

let house: TestHouse
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.close())

const send = (
  where: TestHouse,
  verb: 'plan' | 'apply',
  document: string,
  more: { values?: Record<string, string>; prune?: boolean } = {},
): Promise<ApiAnswer> => where.api('POST', `/admin/config/${verb}`, { document, ...more })

const dump = async (where: TestHouse, query = ''): Promise<string> =>
  (await where.api('GET', `/admin/config${query}`)).body.data.document

async function anotherHouse(): Promise<TestHouse> {
  const other = await startHouse()
  onTestFinished(() => other.close())
  return other
}

const gateway = `version: 1
apis:
  weather:
    name: Weather
    organization: operator
plans:
  gold:
    api: weather
    price_monthly: 900
upstreams:
  weather:
    base_url: http://127.0.0.1:9
    auth_type: bearer
    auth_value_encrypted: \${WEATHER_TOKEN}
routes:
  weather:
    path_pattern: /weather/*
    upstream: weather
    api: weather
settings:
  auth.key_prefix: sk_
`
const values = { WEATHER_TOKEN: 'tok-1' }

describe('a configuration file', () => {
  test('makes the gateway it describes, names standing for records that it makes itself', async () => {
    const applied = await send(house, 'apply', gateway, { values })
    expect(applied.body.data.counts).toEqual({ create: 5, update: 0, delete: 0 })
    const route = (await house.api('GET', '/api/routes/weather')).body.data
    const upstream = (await house.api('GET', '/api/upstreams/weather')).body.data
    expect(route.upstream_id).toBe(upstream.id)
    const row = await house.running.house.engine.records.getBy('upstream', 'name', 'weather')
    expect(row?.auth_value_encrypted).toBe('tok-1')
  })

  test('applied again changes nothing, and no default counts as a difference', async () => {
    const before = await house.running.house.engine.lastSeq()
    const again = await send(house, 'apply', gateway, { values })
    expect(again.body.data).toEqual({
      applied: true,
      changes: [],
      counts: { create: 0, update: 0, delete: 0 },
    })
    expect(await house.running.house.engine.lastSeq()).toBe(before)
  })

  test('is planned without a trace, secrets told apart without being told', async () => {
    const before = await house.running.house.engine.lastSeq()
    const changed = gateway.replace('/weather/*', '/wx/*').replace('price_monthly: 900', 'price_monthly: 950')
    const plan = await send(house, 'plan', changed, { values: { WEATHER_TOKEN: 'tok-2' } })
    expect(plan.body.data.changes).toEqual([
      {
        change: 'update',
        kind: 'plan',
        name: 'gold',
        fields: [{ field: 'price_monthly', from: 900, to: 950 }],
      },
      {
        change: 'update',
        kind: 'upstream',
        name: 'weather',
        fields: [{ field: 'auth_value_encrypted', from: '(secret)', to: '(secret)' }],
      },
      {
        change: 'update',
        kind: 'route',
        name: 'weather',
        fields: [{ field: 'path_pattern', from: '/weather/*', to: '/wx/*' }],
      },
    ])
    expect(JSON.stringify(plan.body)).not.toContain('tok-')
    expect(await house.running.house.engine.lastSeq()).toBe(before)
    expect((await house.api('GET', '/api/plans/gold')).body.data.price_monthly).toBe(900)
  })

  test('is all or nothing: one entry that is refused keeps all of it out, and says where it is', async () => {
    const wrong = `${gateway}  auth.allow_query_key: perhaps\n`.replace('/weather/*', '/other/*')
    for (const verb of ['plan', 'apply'] as const) {
      const answer = await send(house, verb, wrong, { values })
      expect(answer.status).toBe(400)
      expect(answer.body.error.message).toBe('setting auth.allow_query_key: value must be true or false')
      expect(answer.body.error.details).toMatchObject({ at: 'setting auth.allow_query_key', line: 22 })
    }
    expect((await house.api('GET', '/api/routes/weather')).body.data.path_pattern).toBe('/weather/*')
  })

  test('removes only when asked, and only of the kinds it has a section for', async () => {
    await house.create('upstreams', { name: 'stray', base_url: 'http://127.0.0.1:9' })
    const only = 'version: 1\nroutes: {}\n'
    expect((await send(house, 'plan', only)).body.data.changes).toEqual([])
    const pruned = (await send(house, 'plan', only, { prune: true })).body.data.changes
    expect(pruned).toEqual([{ change: 'delete', kind: 'route', name: 'weather', fields: [] }])
    const upstreams = gateway.replace(/plans:[\s\S]*?upstreams/, 'upstreams')
    const applied = await send(house, 'apply', upstreams.replace(/apis:[\s\S]*?upstreams/, 'upstreams'), {
      values,
      prune: true,
    })
    expect(applied.body.data.changes).toEqual([
      { change: 'delete', kind: 'upstream', name: 'stray', fields: [] },
    ])
    expect((await house.api('GET', '/api/plans/gold')).status).toBe(200)
    const apis = await send(house, 'plan', 'version: 1\napis: {}\n', { prune: true })
    expect(JSON.stringify(apis.body)).not.toContain('default')
  })

  test.each([
    ['', 'document', 'must be a map of sections', undefined],
    ['routes: {}', 'document', 'needs "version: 1"', 1],
    ['version: 1\nroute: {}', 'route', 'is not a section (did you mean "routes"?)', 2],
    ['version: 1\nroutes: [a]', 'routes', 'must be a map of names and what each route is', 2],
    [
      'version: 1\nroutes:\n  a:\n    path_pattern: /a\n    upstreem: x\n    upstream: weather',
      'routes.a.upstreem',
      'is not a field of a route (did you mean "upstream"?)',
      5,
    ],
    [
      'version: 1\nplans:\n  p:\n    price_monthly: 1.5',
      'plans.p.price_monthly',
      'must be a whole number',
      4,
    ],
    ['version: 1\nplans:\n  p:\n    is_default: "yes"', 'plans.p.is_default', 'must be true or false', 4],
    ['version: 1\nupstreams:\n  u: {}', 'upstreams.u.base_url', 'is required', 3],
    [
      'version: 1\nroutes:\n  a:\n    path_pattern: /a\n    upstream: nowhere',
      'routes.a.upstream',
      'names "nowhere", which is neither there nor in the file',
      5,
    ],
    [
      `version: 1\nupstreams:\n  u:\n    base_url: http://\${NOWHERE}`,
      'upstreams.u.base_url',
      `needs \${NOWHERE}, which has no value in the environment`,
      4,
    ],
    [
      'version: 1\nupstreams:\n  u:\n    base_url: http://x\n    auth_value_encrypted: hunter2',
      'upstreams.u.auth_value_encrypted',
      `is a secret: write \${NAME} and give the value in the environment`,
      5,
    ],
    [
      'version: 1\napis:\n  weather:\n    name: Weather\n    organization: elsewhere',
      'apis.weather.organization',
      'names "elsewhere", which is neither there nor in the file',
      5,
    ],
    ['version: 1\nplans:\n  p: {}\n  p: {}', 'document', 'names "p" twice in one map', 4],
    ['version: 1\nkeys:\n  ci: {}', 'keys.ci', 'must be named organization/name', 3],
  ])('that says %j is refused by name and line, and changes nothing', async (text, field, reason, line) => {
    const before = await house.running.house.engine.lastSeq()
    const answer = await send(house, 'apply', text)
    expect(answer.status).toBe(400)
    const { details } = answer.body.error
    const told = details.errors ?? [details]
    expect(told).toContainEqual(
      expect.objectContaining({ field, reason, ...(line === undefined ? {} : { line }) }),
    )
    expect(JSON.stringify(answer.body)).not.toContain('hunter2')
    expect(await house.running.house.engine.lastSeq()).toBe(before)
  })

  test('brings keys by reference, never in clear, and takes them away by revoking', async () => {
    const key = `sk_live_${'5a'.repeat(32)}`
    const file = `version: 1
organizations:
  acme:
    name: Acme
keys:
  acme/ci:
    key: \${ACME_KEY}
    scopes: [read]
`
    const missing = await send(house, 'apply', file)
    expect(missing.body.error.details).toMatchObject({ field: 'keys.acme/ci', line: 6 })
    const applied = await send(house, 'apply', file, { values: { ACME_KEY: key } })
    expect(applied.status, JSON.stringify(applied.body)).toBe(200)
    expect(JSON.stringify(applied.body)).not.toContain('5a5a')
    // Once it is there its value is not needed any more.
    expect((await send(house, 'plan', file)).body.data.changes).toEqual([])
    const dumped = parse(await dump(house, '?keys=true'))
    expect(dumped.keys).toEqual({ 'acme/ci': { key: `\${KEY_ACME_CI}`, scopes: ['read'] } })
    expect(dumped.organizations).toEqual({ acme: { name: 'Acme' } })
    expect(parse(await dump(house)).keys).toBeUndefined()
    await send(house, 'apply', 'version: 1\nkeys: {}\n', { prune: true })
    expect((await house.api('GET', '/api/api_keys')).body.data[0].revoked_at).not.toBeNull()
    const again = await send(house, 'apply', file, { values: { ACME_KEY: key } })
    expect(again.status).toBe(409)
  })

  test('brings keys of another system by their hash, once, and never in clear', async () => {
    const digest = '$2b$04$006ZjA1hjzUbGRB7psl.PeCeNP.W8eF26bn393wx7B.rm5vqNBxr2'
    const reference = `\${OLD_DIGEST}`
    const file = (value: string) => `version: 1
organizations:
  moved: { name: Moved }
keys:
  moved/old:
    key_digest: ${value}
    key_prefix: old_3f9a2c81
    scopes: [read]
`
    const inClear = await send(house, 'apply', file(`'${digest}'`))
    expect(inClear.body.error.details).toMatchObject({
      field: 'keys.moved/old.key_digest',
      line: 6,
    })
    const missing = await send(house, 'apply', file(reference))
    expect(missing.body.error.details).toMatchObject({ field: 'keys.moved/old', line: 5 })
    const wrong = await send(house, 'apply', file(reference), { values: { OLD_DIGEST: 'md5' } })
    expect(wrong.status).toBe(400)
    const applied = await send(house, 'apply', file(reference), { values: { OLD_DIGEST: digest } })
    expect(applied.status, JSON.stringify(applied.body)).toBe(200)
    expect(JSON.stringify(applied.body)).not.toContain('006ZjA1h')
    const [key] = (await house.api('GET', '/api/api_keys?name=old')).body.data
    expect(key).toMatchObject({ prefix: 'old_3f9a2c81', scopes: ['read'] })
    expect((await send(house, 'plan', file(reference))).body.data.changes).toEqual([])
  })

  test('holds the secrets of nobody: a server puts nothing of its own environment in their place', async () => {
    const file = `version: 1\nsettings:\n  billing.upgrade_url: \${PATH}\n`
    const answer = await send(house, 'apply', file)
    expect(answer.body.error.details.reason).toBe(`needs \${PATH}, which has no value in the environment`)
  })

  test('is only for superadmins to apply, and for operators to read', async () => {
    const { token } = await house.create('operator_tokens', { name: 'looks', role: 'support' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await house.api('GET', '/admin/config', undefined, headers)).status).toBe(200)
    for (const verb of ['plan', 'apply']) {
      const answer = await house.api('POST', `/admin/config/${verb}`, { document: gateway }, headers)
      expect(answer.status).toBe(403)
    }
  })

  test('has a schema that takes what is dumped and knows every field', async () => {
    const schema = (await house.api('GET', '/assets/gateway.schema.json')).body
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema)
    expect(validate(parse(await dump(house)))).toBe(true)
    expect(validate(parse(gateway))).toBe(true)
    expect(validate({ version: 1, routes: { a: { upstreem: 'x' } } })).toBe(false)
    expect(validate({ version: 1, upstreams: { u: { base_url: 'x', auth_value_encrypted: 'clear' } } })).toBe(
      false,
    )
  })

  test('dumped and applied to an empty instance is the same gateway, whatever was in it', async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9 ._-]{0,8}[a-z0-9]$/)
    const config = fc.record({
      upstreams: fc.uniqueArray(
        fc.record({
          name,
          timeout_ms: fc.integer({ min: 1, max: 60_000 }),
          description: fc.constantFrom('', `\${NOT_ONE}`, `$\${x}`, 'yes', '1', ': #', 'über\n\tzwei'),
        }),
        { selector: (one) => one.name, minLength: 1, maxLength: 4 },
      ),
      routes: fc.uniqueArray(
        fc.record({
          name,
          priority: fc.integer({ min: -5, max: 5 }),
          enabled: fc.boolean(),
          methods: fc.constantFrom(null, ['GET'], ['POST', 'PUT']),
          headers: fc.constantFrom(null, { 'X-B': '1', 'X-A': '2' }),
        }),
        { selector: (one) => one.name, maxLength: 4 },
      ),
      plan: fc.record({ price_monthly: fc.nat(9_999), is_default: fc.boolean(), enabled: fc.boolean() }),
    })
    const from = await anotherHouse()
    const to = await anotherHouse()
    for (const { upstreams, routes, plan } of fc.sample(config, { numRuns: 12, seed: 11 })) {
      for (const upstream of upstreams)
        await from.create('upstreams', { ...upstream, base_url: 'http://127.0.0.1:9/base' })
      for (const [index, route] of routes.entries())
        await from.create('routes', {
          ...route,
          path_pattern: `/r${index}/*`,
          upstream_id: upstreams[index % upstreams.length]?.name,
        })
      await from.create('plans', { name: 'made', ...plan })
      const text = await dump(from)
      const applied = await send(to, 'apply', text, { prune: true })
      expect(applied.status, `${JSON.stringify(applied.body)}\n${text}`).toBe(200)
      expect(await dump(to)).toBe(text)
      expect((await send(to, 'plan', text, { prune: true })).body.data.changes).toEqual([])
      expect((await send(from, 'plan', text, { prune: true })).body.data.changes).toEqual([])
      await send(from, 'apply', 'version: 1\nroutes:\nupstreams:\nplans:\n  free: {is_default: true}\n', {
        prune: true,
      })
    }
  })
})

describe('apigate dump, plan and apply', () => {
  test('say 0, 2 and 0 of the same file, on files and on a server, and ask before they remove', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'gateway.yaml'), gateway)
    const other = await anotherHouse()
    const remote = { APIGATE_SERVER: other.url, APIGATE_TOKEN: other.token }
    for (const where of [{}, remote]) {
      const options = { cwd: folder, env: { ...where, WEATHER_TOKEN: 'tok-1' } }
      const plan = await runApigate(['plan', '-f', 'gateway.yaml'], options)
      expect(plan.exitCode, plan.err).toBe(2)
      expect(plan.out).toContain('+ route weather\n')
      expect(plan.out).toContain('    auth_value_encrypted: (secret)\n')
      expect(plan.err).toContain('would be: 5 made')
      expect((await runApigate(['apply', '-f', 'gateway.yaml'], options)).exitCode).toBe(0)
      const same = await runApigate(['plan', '-f', 'gateway.yaml', '--output', 'json'], options)
      expect([same.exitCode, JSON.parse(same.out).data.changes]).toEqual([0, []])
      const dumped = await runApigate(['dump'], options)
      expect(parse(dumped.out).routes).toEqual(parse(gateway).routes)
      const pruned = await runApigate(['apply', '-f', '-', '--prune'], {
        ...options,
        input: 'version: 1\nroutes: {}',
      })
      expect([pruned.exitCode, pruned.err]).toEqual([
        1,
        'error: this would remove 1 and nobody is here to answer: add --yes\n',
      ])
      const gone = await runApigate(['apply', '-f', '-', '--prune', '--yes'], {
        ...options,
        input: 'version: 1\nroutes: {}',
      })
      expect(gone.out).toBe('- route weather\n')
    }
    const mistake = await runApigate(['plan', '-f', 'nowhere.yaml'], { cwd: folder })
    expect([mistake.exitCode, mistake.err]).toEqual([64, 'error: there is no file nowhere.yaml\n'])
    writeFileSync(join(folder, 'wrong.yaml'), 'version: 1\nroutes:\n  a:\n    paht: /a\n')
    const wrong = await runApigate(['plan', '-f', 'wrong.yaml'], { cwd: folder })
    expect(wrong.exitCode).toBe(1)
    expect(wrong.err).toContain('error: wrong.yaml:4: routes.a.paht is not a field of a route')
    const list = await runApigate(['plan', 'list', '--output', 'json'], { cwd: folder })
    expect(JSON.parse(list.out).data.length).toBeGreaterThan(3)
  })
})
