import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startWeatherApi, type WeatherApi } from '../../examples/weather-api/server.ts'
import { makeDataFolder, runApigate, runHere } from './run-apigate.ts'

let api: WeatherApi
let folder: ReturnType<typeof makeDataFolder>

beforeAll(async () => {
  api = await startWeatherApi({ port: 0 })
})

afterAll(() => api.close())

beforeEach(() => {
  folder = makeDataFolder()
})

afterEach(() => folder.remove())

const env = { APIGATE_ADMIN_PASSWORD: 'correct horse battery' }
const run = (...args: string[]) => runHere(args, { cwd: folder.path, env })
const init = (...args: string[]) =>
  run('init', '--non-interactive', '--admin-email', 'Op@Example.com', '--upstream-url', api.url, ...args)
const names = async (command: string, field = 'name'): Promise<unknown[]> => {
  const { out } = await run(command, 'list', '--output', 'json')
  return (JSON.parse(out) as { data: Record<string, unknown>[] }).data.map((row) => row[field])
}

describe('init', () => {
  it('makes operator, upstream, route and plan, and says how to go on', async () => {
    const ended = await init('--plan-price', '2500', '--route-path', '/weather/*')
    expect(ended.exitCode).toBe(0)
    expect(ended.out).toContain(`${api.url} answers (status 200)`)
    for (const what of ['plan "basic"', 'upstream "main"', 'route "main"', 'operator op@example.com']) {
      expect(ended.out).toContain(`made ${what}`)
    }
    expect(ended.out).toContain('apigate serve')
    expect(`${ended.out}${ended.err}`).not.toContain('correct horse')
    const plan = JSON.parse((await run('plans', 'get', 'basic', '--output', 'json')).out) as { data: object }
    expect(plan.data).toMatchObject({
      price_monthly: 2500,
      rate_limit_per_minute: 60,
      requests_per_month: 10_000,
    })
    const route = JSON.parse((await run('routes', 'get', 'main', '--output', 'json')).out) as { data: object }
    expect(route.data).toMatchObject({ path_pattern: '/weather/*', enabled: true })
    expect(await names('operators', 'email')).toEqual(['op@example.com'])
  })

  it('changes nothing the second time and says what differs', async () => {
    await init()
    const before = (await run('plans', 'get', 'basic', '--output', 'json')).out
    const again = await init('--plan-price', '9900')
    expect(again.exitCode).toBe(0)
    expect(again.out).not.toContain('made ')
    expect(again.out).toMatch(/kept plan "basic" as it is \(pln_\w+\); differs in price_monthly/)
    expect(again.out).toMatch(/kept operator op@example\.com as it is \(opr_\w+\)\n/)
    expect((await run('plans', 'get', 'basic', '--output', 'json')).out).toBe(before)
  })

  it.each([
    ['an e-mail address that is none', ['--admin-email', 'me'], 2, /--admin-email must be an e-mail address/],
    [
      'a short password',
      ['--admin-password', 'short'],
      2,
      /--admin-password must have at least 8 characters/,
    ],
    ['an upstream that is no address', ['--upstream-url', 'weather'], 2, /--upstream-url must be an address/],
    ['a price in words', ['--plan-price', 'ten'], 2, /--plan-price is a whole number, not "ten"/],
    [
      'an upstream that does not answer',
      ['--upstream-url', 'http://127.0.0.1:1'],
      1,
      /http:\/\/127\.0\.0\.1:1 cannot be reached/,
    ],
  ])('writes nothing after %s', async (_what, args, exitCode, message) => {
    const ended = await init(...args)
    expect(ended.exitCode).toBe(exitCode)
    expect(ended.err).toMatch(message)
    expect(existsSync(join(folder.path, '.apigate'))).toBe(false)
  })

  it('takes back what it made when a later record is refused', async () => {
    const ended = await init('--route-path', '/api/*')
    expect(ended.exitCode).toBe(1)
    expect(ended.err).toMatch(/^error: .*path_pattern.*$/m)
    expect(await names('upstreams')).toEqual([])
    expect(await names('routes')).toEqual([])
    expect(await names('operators')).toEqual([])
    expect(await names('plans')).not.toContain('basic')
  })

  it('goes on with an upstream that does not answer where it is told to', async () => {
    const ended = await init('--upstream-url', 'http://127.0.0.1:1', '--no-upstream-check')
    expect(ended.exitCode).toBe(0)
    expect(await names('upstreams', 'base_url')).toEqual(['http://127.0.0.1:1'])
  })

  it('does not wait for answers that nobody gives', async () => {
    const ended = await runApigate(['init'], { cwd: folder.path, env })
    expect(ended).toMatchObject({ exitCode: 2, out: '' })
    expect(ended.err).toMatch(/^error: .*--non-interactive.*\n$/)
  })
})

describe('doctor', () => {
  interface Check {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly todo?: string
  }
  const examine = async (...args: string[]) => {
    const { exitCode, out } = await run('doctor', '--port', '0', '--output', 'json', ...args)
    const checks = (JSON.parse(out) as { data: Check[] }).data
    return { exitCode, checks, status: Object.fromEntries(checks.map((check) => [check.name, check.status])) }
  }

  it('finds a fresh instance in order', async () => {
    await init()
    const { exitCode, status } = await examine()
    expect(exitCode).toBe(0)
    expect(status).toMatchObject({
      node: 'ok',
      'data directory': 'ok',
      secrets: 'ok',
      clock: 'ok',
      database: 'ok',
      schema: 'ok',
      'usage journal': 'ok',
      port: 'ok',
      'upstream main': 'ok',
    })
  })

  it('changes nothing where there is no instance yet', async () => {
    const { exitCode, status } = await examine()
    expect(exitCode).toBe(0)
    expect(status).toMatchObject({ 'data directory': 'warn', database: 'warn' })
    expect(existsSync(join(folder.path, '.apigate'))).toBe(false)
  })

  it('fails and says what to do about an open secret, a dead upstream and a taken port', async () => {
    await init('--upstream-url', 'http://127.0.0.1:1', '--no-upstream-check')
    const secrets = join(folder.path, '.apigate/secrets.json')
    const { chmodSync } = await import('node:fs')
    const database = join(folder.path, '.apigate/apigate.db')
    chmodSync(secrets, 0o644)
    chmodSync(database, 0o640)
    const { exitCode, checks, status } = await examine('--host', '127.0.0.1', '--port', new URL(api.url).port)
    expect(exitCode).toBe(1)
    expect(status).toMatchObject({ secrets: 'fail', 'upstream main': 'fail', port: 'fail' })
    expect(checks.find((check) => check.name === 'secrets')?.todo).toBe(`chmod 600 ${database} ${secrets}`)
    for (const check of checks.filter(({ status }) => status === 'fail')) expect(check.todo).toBeTruthy()
  })

  it('tells people line by line', async () => {
    const { out } = await run('doctor', '--port', '0')
    expect(out).toMatch(/^ok {4}node: Node 2/m)
    expect(out).toMatch(/^warn {2}database: .*\n {6}the first start makes it/m)
  })
})
