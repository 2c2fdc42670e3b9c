import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createAjvBodyValidators } from '#adapters/validation/ajv-body-validators.ts'
import { standaloneSchema } from '#domain/openapi/bundle-schema.ts'
import { type OpenApiDocument, readOpenApi } from '#domain/openapi/read-document.ts'
import { type DocumentMap, type Findings, follow, isMap } from '#domain/openapi/source.ts'
import { startHouse } from '#test/support/start-house.ts'
import { startWeatherApi, type WeatherApi } from '../../examples/weather-api/server.ts'
import { type Ended, makeDataFolder, root, runApigate, runHere } from './run-apigate.ts'

const document = join(root, 'examples/weather-api/openapi.yaml')
const folder = makeDataFolder()
const run = (...args: string[]): Promise<Ended> => runHere(args, { cwd: folder.path })
const json = async (...args: string[]) => {
  const { exitCode, out, err } = await run(...args, '--output', 'json')
  if (exitCode !== 0) throw new Error(err)
  return JSON.parse(out).data
}

let api: WeatherApi
beforeAll(async () => {
  api = await startWeatherApi({ port: 0 })
  copyFileSync(document, join(folder.path, 'openapi.yaml'))
})
afterAll(async () => {
  await api.close()
  folder.remove()
})

describe('apigate routes import', () => {
  it('shows first what it would do, does it, and has nothing to do then', async () => {
    const args = ['routes', 'import', 'openapi.yaml', '--prefix', '/weather', '--base-url', api.url]
    const dry = await run(...args, '--dry-run')
    expect(dry).toMatchObject({ exitCode: 0, err: expect.stringMatching(/would be: 6 new\n$/) })
    expect(await json('routes', 'list')).toEqual([])
    const real = await run(...args)
    expect(real.exitCode).toBe(0)
    expect(real.out).toBe(dry.out)
    expect(real.out).toMatch(/^new +weather-api-get-forecast +GET +\^\/weather\/forecast\/\{city\}\$ +key$/m)
    expect(real.err).toBe(`upstream weather-api (new): ${api.url}\n6 new\n`)
    const again = await json(...args)
    expect(again.counts).toEqual({ new: 0, changed: 0, unchanged: 6, obsolete: 0 })
    expect(await json('routes', 'list')).toHaveLength(6)
  })

  it('brings routes up to a document that changed, and leaves alone what it no longer has', async () => {
    const text = readFileSync(document, 'utf8')
    const changed = text
      .replace('  /cities:\n    get:', '  /towns:\n    get:')
      .replace('    post:', '    put:')
    writeFileSync(join(folder.path, 'changed.yaml'), changed)
    const args = ['routes', 'import', 'changed.yaml', '--prefix', '/weather', '--upstream', 'weather-api']
    const { exitCode, out, err } = await run(...args)
    expect(exitCode).toBe(0)
    expect(out).toMatch(
      /^changed: path_pattern, path_rewrite +weather-api-list-cities +GET +\/weather\/towns/m,
    )
    expect(out).toMatch(/^changed: methods +weather-api-echo +PUT/m)
    expect(err).toContain('4 unchanged')
    expect(await json('routes', 'list')).toHaveLength(6)
  })

  it.each([
    ['a file that is not there', ['nothing.yaml'], 2, /^error: there is no file nothing\.yaml\n$/],
    ['an address', ['https://example.com/openapi.yaml'], 2, /^error: an import reads a file.*download.*\n$/],
    ['a folder', ['.'], 2, /^error: \. is a folder\n$/],
    ['no file', [], 2, /^error: missing required argument 'file'\n$/],
    ['a wrong prefix', ['openapi.yaml', '--prefix', 'x'], 1, /^error: prefix must be a path.*\n$/],
  ])('refuses %s in one line', async (_what, args, exitCode, line) => {
    const ended = await run('routes', 'import', ...args)
    expect(ended.err).toMatch(line)
    expect(ended).toMatchObject({ exitCode, out: '' })
  })

  it('takes the schemas of bodies over, so that what does not fit is refused', async () => {
    const args = [
      'openapi.yaml',
      '--validate',
      '--upstream',
      'checked',
      '--prefix',
      '/checked',
      '--base-url',
      api.url,
    ]
    expect(await run('routes', 'import', ...args)).toMatchObject({ exitCode: 0 })
    const [route] = (await json('routes', 'list')).filter(
      ({ path_pattern: pattern }: { path_pattern: string }) => pattern === '/checked/echo',
    )
    expect(Object.keys(route.request_schema)).toEqual(['POST'])
    const asked = [
      'routes',
      'test',
      'POST',
      '/checked/echo',
      '-H',
      'Content-Type: application/json',
      '--body',
    ]
    expect((await run(...asked, '{"text":"hello"}')).out).toMatch(/^body +fits its schema$/m)
    const unfit = await run(...asked, '{"txt":"hello"}')
    expect(unfit.out).toMatch(/^body +does not fit its schema$/m)
  })

  it('names every place that is wrong, with its line', async () => {
    const broken = 'openapi: 3.0.0\ninfo: {title: x}\nservers: [{url: /v1}]\npaths:\n  /health: {get: {}}\n'
    writeFileSync(join(folder.path, 'broken.yaml'), broken)
    const ended = await run('routes', 'import', 'broken.yaml')
    expect(ended).toMatchObject({ exitCode: 1, out: '' })
    expect(ended.err).toMatch(
      /#\/paths\/~1health \(line 5\) collides.*; #\/servers\/0\/url \(line 3\) is relative/,
    )
  })

  it('works on a running server, which serves the routes from the next request on', async () => {
    const house = await startHouse()
    try {
      const env = { APIGATE_SERVER: house.url, APIGATE_TOKEN: house.token }
      const options = { cwd: folder.path, env }
      const args = ['routes', 'import', 'openapi.yaml', '--prefix', '/w', '--base-url', api.url]
      const made = await runApigate([...args, '--public-from-security'], options)
      expect(made).toMatchObject({ exitCode: 0, err: `upstream weather-api (new): ${api.url}\n6 new\n` })
      const cities = await fetch(`${house.url}/w/cities`)
      expect(await cities.json()).toMatchObject({ cities: expect.arrayContaining(['Lagos']) })
      expect((await fetch(`${house.url}/w/weather`)).status).toBe(401)
      const tested = await runApigate(['routes', 'test', 'GET', '/w/cities', '--output', 'json'], options)
      expect(JSON.parse(tested.out).data.upstream.urls).toEqual([`${api.url}/cities`])
    } finally {
      await house.close()
    }
  })
})

describe('apigate routes test', () => {
  it('shows the route, what the upstream gets, the plan and the cost', async () => {
    await run('users', 'create', '--email', 'ann@example.com')
    const { key } = await json('keys', 'create', '--user-id', 'ann@example.com')
    const address = 'https://api.example.com/weather/forecast/Lagos?days=2'
    const shown = await runApigate(['routes', 'test', 'get', address, '-H', 'X-User-ID: me', '--key', '-'], {
      cwd: folder.path,
      input: `${key}\n`,
    })
    expect(shown).toMatchObject({ exitCode: 0, err: '' })
    expect(shown.out).toMatch(/^route +weather-api-get-forecast \(\^\/weather\/forecast\/\{city\}\$\)$/m)
    expect(shown.out).toMatch(/^captures +city=Lagos$/m)
    expect(shown.out).toContain(`GET ${api.url}/forecast/Lagos?days=2`)
    expect(shown.out).toMatch(/^headers replaced +host, x-user-id$/m)
    expect(shown.out).toMatch(/^plan +free$/m)
    expect(shown.out).toMatch(/^cost +1 unit; past the quota refused$/m)
    expect(shown.out).not.toContain(key)
  })

  it('says why there is none, and ends with exit code 1', async () => {
    const shown = await run('routes', 'test', 'DELETE', '/weather/weather')
    expect(shown.exitCode).toBe(1)
    expect(shown.out).toMatch(/^refused with +route_not_found/m)
    expect(shown.out).toMatch(/weather-api-get-weather .*: method: DELETE, and it takes GET$/m)
  })

  it.each([
    ['a header that is none', ['GET', '/', '-H', 'nothing'], 2, /^error: -H is 'Name: value'/],
    ['two bodies', ['GET', '/', '--body', 'a', '--data-binary', 'b'], 2, /^error: --body and --data-binary/],
    ['no address', ['GET'], 2, /^error: missing required argument 'url'/],
    ['another scheme', ['GET', 'ftp://a'], 1, /^error: url must be an http/],
  ])('refuses %s in one line', async (_what, args, exitCode, line) => {
    const ended = await run('routes', 'test', ...args)
    expect(ended.err).toMatch(line)
    expect(ended).toMatchObject({ exitCode, out: '' })
  })
})

describe('the document of the weather API', () => {
  const findings: Findings = { problems: [], notes: [] }
  const read = readOpenApi(parse(readFileSync(document, 'utf8')), findings) as OpenApiDocument
  const validators = createAjvBodyValidators()

  /** What is wrong with an answer, by the schema that the document gives for it. */
  function check(path: string, method: string, status: number, body: unknown) {
    const operation = read.paths
      .find((one) => one.path === path)
      ?.operations.find((one) => one.method === method)
    if (operation === undefined) throw new Error(`${method} ${path} is not in the document`)
    const { responses } = operation.value as { responses: DocumentMap }
    const place = {
      value: responses[String(status)],
      steps: [...operation.steps, 'responses', status],
    }
    const answer = follow(read.root, place, findings)
    const content = isMap(answer?.value) ? (answer.value['content'] as DocumentMap) : {}
    const { schema: value } = content['application/json'] as { schema: unknown }
    const schema = standaloneSchema(read, { value, steps: [] }, findings)
    const compiled = validators.compile(schema)
    if (!compiled.ok) throw new Error(compiled.reason)
    return compiled.validate(body)
  }

  it('can be read without a note', () => {
    expect(findings).toEqual({ problems: [], notes: [] })
    expect(read.paths).toHaveLength(6)
  })

  it.each([
    ['GET', '/', '/', 200],
    ['GET', '/cities', '/cities', 200],
    ['GET', '/weather', '/weather?city=Lagos', 200],
    ['GET', '/weather', '/weather?city=a%20town%20nobody%20knows', 200],
    ['GET', '/weather', '/weather?city=', 400],
    ['GET', '/forecast/{city}', '/forecast/Oslo?days=14', 200],
    ['GET', '/forecast/{city}', '/forecast/Oslo?days=0', 400],
    ['POST', '/echo', '/echo', 200],
    ['POST', '/echo', '/echo?large', 413],
  ])('says of %s %s what the API really answers to %s: %i', async (method, path, asked, status) => {
    const body = asked.includes('large') ? 'x'.repeat(1024 * 1024 + 1) : '{"text":"hello"}'
    const answer = await fetch(api.url + asked, method === 'POST' ? { method, body } : { method })
    expect(answer.status).toBe(status)
    const data = (await answer.json()) as object
    expect(check(path, method, status, data)).toEqual([])
    expect(check(path, method, status, { ...data, surprise: true })).not.toEqual([])
  })
})
