import { execFile, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  browserPath,
  isTooWide,
  looks,
  openWindow,
  seriousProblems,
  startBrowser,
} from '#test/support/browser.ts'
import { signInAs, visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const hostile = '<img src=x onerror="document.title=\'owned\'">'
const pages = [
  '/',
  '/docs',
  '/docs/authentication',
  '/docs/plans',
  '/docs/limits',
  '/docs/errors',
  '/docs/requests',
  '/docs/webhooks',
  '/docs/clients',
  '/docs/api',
  '/docs/platform',
  '/docs/search?q=quota',
]

let house: TestHouse
let upstream: Upstream
let key = ''
beforeAll(async () => {
  house = await startHouse()
  await house.create('operators', {
    email: 'ops@example.com',
    password: 'correct horse battery',
    name: 'Ada',
    role: 'superadmin',
  })
  upstream = await startUpstream()
  const target = await house.create('upstreams', { name: 'weather', base_url: upstream.url })
  const upstream_id = target.id
  await house.create('routes', {
    name: 'now',
    description: 'The weather now',
    path_pattern: '/now',
    match_type: 'exact',
    methods: ['GET'],
    upstream_id,
  })
  await house.create('routes', { name: hostile, path_pattern: '/files/*', upstream_id })
  await house.create('routes', {
    name: 'hidden',
    path_pattern: '/hidden',
    match_type: 'exact',
    enabled: false,
    upstream_id,
  })
  await house.create('users', { email: 'dev@customer.example', plan_id: 'starter' })
  const user = await house.api('GET', '/api/users/dev@customer.example')
  key = (
    await house.create('api_keys', {
      user_id: user.body.data.id,
      organization_id: user.body.data.organization_id,
    })
  ).key
})
afterAll(async () => {
  await house?.close()
  await upstream?.close()
})

const text = async (path: string, init?: RequestInit): Promise<string> =>
  (await fetch(house.url + path, init)).text()

/** The code of a language on a page, as a reader would copy it. */
async function codeOf(path: string, language: string): Promise<string> {
  const found =
    new RegExp(`<code data-language="${language}">([^<]*)</code>`).exec(await text(path))?.[1] ?? ''
  return found.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
}

async function set(settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const changed = await house.api('PATCH', `/api/settings/${name}`, { value })
    if (changed.status === 404) await house.create('settings', { key: name, value })
  }
}

const unset = async (...names: string[]): Promise<void> => {
  for (const name of names) await house.api('DELETE', `/api/settings/${name}`)
}

describe('the landing page', () => {
  test('sells the enabled plans of the own API at their exact price, and no other plan', async () => {
    const other = await house.create('apis', {
      name: 'Other',
      slug: 'other',
      organization_id:
        (await house.api('GET', '/api/organizations?is_operator=true')).body.data?.[0]?.id ?? 'operator',
    })
    await house.create('plans', { name: 'of another API', api_id: other.id })
    await house.create('plans', { name: 'gone', enabled: false })
    await house.create('plans', {
      name: hostile,
      price_model: 'per_unit',
      unit_price: '0.000125',
      currency: 'EUR',
    })
    const page = await text('/')
    expect(page).toContain('10,000 requests a month included')
    expect(page).toContain('Then 0.01 USD for each request')
    expect(page).toContain('0.000125 EUR for each request')
    expect(page).not.toMatch(/of another API|gone|<img src=x/)
    expect(page.indexOf('<h3>free')).toBeLessThan(page.indexOf('<h3>starter'))
  })

  test('shows the brand, and takes no value that would be more than text, a colour or an address', async () => {
    await set({
      'brand.name': 'Engines & Co',
      'brand.color': '#b91c1c',
      'brand.headline': hostile,
      'brand.text': 'Steam as a service',
      'brand.logo_url': 'https://cdn.example.com/logo.svg',
    })
    const answer = await fetch(`${house.url}/`)
    const page = await answer.text()
    expect(page).toContain('Engines &#38; Co')
    expect(page).toContain('Steam as a service')
    expect(page).not.toContain('<img src=x')
    expect(answer.headers.get('content-security-policy')).toContain("img-src 'self' https://cdn.example.com")
    expect(await text('/assets/base.css?accent=b91c1c')).toContain('--button: #b91c1c')
    expect(await text('/assets/base.css?accent=123456;}body{')).toBe(await text('/assets/base.css'))
    for (const [name, value] of [
      ['brand.color', 'red'],
      ['brand.logo_url', 'javascript:alert(1)'],
      ['brand.logo_url', 'https://x.example;script-src *'],
      ['brand.headline', 'two\nlines'],
    ])
      expect((await house.api('PATCH', `/api/settings/${name}`, { value })).status, value).toBe(400)
    await unset('brand.name', 'brand.color', 'brand.headline', 'brand.text', 'brand.logo_url')
  })

  test('leads to the portal where it is switched off, and to no sign-up where nobody may', async () => {
    await set({ 'site.landing': 'false', 'auth.registration': 'closed' })
    const answer = await fetch(`${house.url}/`, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/portal'])
    expect(await text('/docs')).toContain('<a class="brand" href="/docs">')
    await set({ 'site.landing': 'true' })
    expect(await text('/')).not.toContain('/portal/sign-up')
    expect(await text('/docs')).toContain('<a class="brand" href="/">')
    await unset('site.landing', 'auth.registration')
  })
})

describe('the documentation', () => {
  test('has nothing inline, and links only to what answers', async () => {
    const known = new Map<string, number>()
    for (const path of pages) {
      const page = await text(path)
      expect(page, path).not.toMatch(/<script(?! src="\/)|<style|\sstyle=|\son[a-z]+="/i)
      for (const [, link = ''] of page.matchAll(/(?:href|src|action)="(\/[^"#]*)/g)) {
        const status = known.get(link) ?? (await fetch(house.url + link)).status
        known.set(link, status)
        expect([path, link, status]).toEqual([path, link, 200])
      }
      for (const [, anchor = ''] of page.matchAll(/href="#([^"]+)"/g))
        expect(page, path).toContain(`id="${anchor}"`)
    }
    expect(known.size).toBeGreaterThan(15)
  })

  test('shows calls that work as they are copied, under the address it was asked at', async () => {
    const curl = (await codeOf('/docs', 'sh')).replaceAll('YOUR_KEY', key)
    const { stdout } = await promisify(execFile)('sh', ['-c', curl])
    expect(stdout).toMatch(/^HTTP\/1.1 200/)
    const script = (await codeOf('/docs', 'JavaScript')).replaceAll('YOUR_KEY', key)
    const lines: string[] = []
    const run = new Function('console', `return (async () => { ${script} })()`)
    await run({ log: (...words: unknown[]) => lines.push(words.join(' ')) })
    expect(lines[0]).toMatch(/^200 /)
    const patient = (await codeOf('/docs/limits', 'JavaScript')).replaceAll('YOUR_KEY', key)
    await new Function('console', `return (async () => { ${patient} })()`)({
      log: (...words: unknown[]) => lines.push(words.join(' ')),
    })
    expect(lines[1]).toMatch(/^200 \d+$/)
  })

  test("names the settings' address and never a host that a stranger made up", async () => {
    const asked = (host: string, path = '/docs') =>
      new Promise<string>((done, fail) => {
        const { hostname, port } = new URL(house.url)
        request({ hostname, port, path, headers: { host, 'x-forwarded-host': 'evil.example' } }, (answer) => {
          let body = ''
          answer.on('data', (part) => {
            body += part
          })
          answer.on('end', () => done(body))
        })
          .on('error', fail)
          .end()
      })
    expect(await asked('my.example:99')).toContain('http://my.example:99/now')
    expect(await asked('my.example:99')).not.toContain('evil.example')
    // The account API is written out once and kept: never with the host of another reader.
    for (const host of ['one.example', 'two.example']) {
      const reference = await asked(host, '/docs/platform')
      expect(reference).toContain(`curl &#34;http://${host}/api/v1/keys&#34;`)
      expect(reference).not.toContain(`//${host === 'one.example' ? 'two' : 'one'}.example`)
    }
    await set({
      'portal.base_url': 'https://api.example.com',
      'site.api_url': 'https://calls.example.com/v2',
    })
    const page = await asked('my.example:99')
    expect(page).toContain('https://calls.example.com/v2/now')
    expect(page).not.toContain('my.example')
    await unset('portal.base_url', 'site.api_url')
  })

  test('verifies a genuine webhook with the code that it shows, and turns a forged one away', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'apigate-webhook-'))
    writeFileSync(join(folder, 'receiver.mjs'), await codeOf('/docs/webhooks', 'JavaScript'))
    writeFileSync(
      join(folder, 'verify.py'),
      `${await codeOf('/docs/webhooks', 'Python')}\nimport json, sys\nh, b, s = json.load(sys.stdin)\nprint(is_genuine(h, b.encode(), s), is_genuine(h, (b + " ").encode(), s))`,
    )
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const address = probe.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await new Promise((done) => probe.close(done))
    const secret = `whsec_${Buffer.from('a secret of some length').toString('base64')}`
    const child = spawn(process.execPath, [join(folder, 'receiver.mjs')], {
      env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
    })
    try {
      const body = JSON.stringify({ id: 'evt_1', type: 'api_key.revoked', data: { id: 'key_1' } })
      const sent = String(Math.floor(Date.now() / 1000))
      const sign = (content: string) =>
        `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
          .update(`evt_1.${sent}.${content}`)
          .digest('base64')}`
      const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': sent, 'webhook-signature': sign(body) }
      const post = (content: string) =>
        fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body: content }).then(
          ({ status }) => status,
        )
      await expect.poll(() => post(body).catch(() => 0)).toBe(204)
      expect(await post(`${body} `)).toBe(401)
      const python = execFile('python3', [join(folder, 'verify.py')])
      python.stdin?.end(JSON.stringify([headers, body, secret]))
      let said = ''
      python.stdout?.on('data', (part) => {
        said += part
      })
      await once(python, 'close')
      expect(said.trim()).toBe('True False')
    } finally {
      child.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('gives clients that work as they are downloaded, whatever a route is called', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'apigate-client-'))
    const run = async (command: string, file: string) =>
      (await promisify(execFile)(command, [join(folder, file)], { cwd: folder })).stdout
    try {
      for (const file of ['client.mjs', 'client.py'])
        writeFileSync(join(folder, file), await text(`/docs/${file}`))
      for (const [right, said] of [
        [key, /^200 /],
        ['ak_wrong', /^invalid_api_key .+ req_/],
      ] as const) {
        for (const [command, file, language] of [
          [process.execPath, 'own.mjs', 'JavaScript'],
          ['python3', 'own.py', 'Python'],
        ] as const) {
          const example = (await codeOf('/docs/clients', language)).replaceAll('YOUR_KEY', right)
          writeFileSync(join(folder, file), example.replaceAll('console.error', 'console.log'))
          expect(await run(command, file), file).toMatch(said)
        }
      }
      const hostileCall = /def (get_img\w+)/.exec(await text('/docs/client.py'))?.[1] ?? ''
      writeFileSync(
        join(folder, 'files.py'),
        `from client import Client\nprint(Client("${key}").${hostileCall}(path={"rest": "a b/ü?"}).status)`,
      )
      expect(await run('python3', 'files.py')).toBe('200\n')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('shows whatever an imported document says as text, and makes clients of it that can be read', async () => {
    const evil = `${hostile}*/ """ \\\n\u2028</script><script>document.title='owned'</script>`
    const schema = {
      type: 'object',
      properties: { [evil]: { type: 'string', description: evil, enum: [evil] } },
    }
    const imported = await house.api('POST', '/admin/routes/import?upstream=imported', {
      openapi: '3.0.3',
      info: { title: evil, version: '1' },
      servers: [{ url: upstream.url }],
      paths: {
        '/evil': {
          post: {
            operationId: evil,
            summary: evil,
            description: evil,
            tags: [evil],
            parameters: [{ name: evil, in: 'query', description: evil, schema: { type: 'string' } }],
            requestBody: { content: { 'application/json': { schema } } },
            responses: { 200: { description: evil } },
          },
        },
      },
    })
    expect([imported.status, imported.body.data?.routes]).toMatchObject([200, [{ state: 'new' }]])
    for (const path of ['/', '/docs/api', '/docs/clients', '/docs/search?q=onerror']) {
      const page = await text(path)
      expect(page, path).not.toMatch(/<img src=x|<script>/)
      if (path !== '/docs/clients') expect(page, path).toContain('&#60;img')
    }
    const folder = mkdtempSync(join(tmpdir(), 'apigate-client-'))
    try {
      for (const file of ['client.mjs', 'client.py'])
        writeFileSync(join(folder, file), await text(`/docs/${file}`))
      await promisify(execFile)(process.execPath, ['--check', join(folder, 'client.mjs')])
      await promisify(execFile)('python3', ['-c', 'import client'], { cwd: folder })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    const { data } = (await house.api('GET', '/api/routes?path_pattern=/evil')).body
    for (const { id } of data) await house.api('DELETE', `/api/routes/${id}`)
  })

  test('gives clients that wait as long as they are told, send nothing twice that may do something, and keep the key', async () => {
    const seen: string[] = []
    const server = createHttpServer(({ method, url, headers }, answer) => {
      seen.push(`${method} ${url} ${headers.authorization}`)
      const again = seen.filter((one) => one.startsWith(`${method} ${url}`)).length > 1
      const status = url === '/away' ? 302 : again ? 200 : url === '/busy' ? 503 : 429
      answer.writeHead(status, { 'retry-after': '0', location: `${house.url}/now` }).end('well')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const folder = mkdtempSync(join(tmpdir(), 'apigate-client-'))
    try {
      writeFileSync(join(folder, 'client.mjs'), await text('/docs/client.mjs'))
      writeFileSync(join(folder, 'client.py'), await text('/docs/client.py'))
      writeFileSync(
        join(folder, 'calls.mjs'),
        `import { Client } from './client.mjs'
const client = new Client({ key: 'k', url: '${url}' })
console.log((await client.request('POST', '/early/{id}', { path: { id: 'a/b' }, body: { a: 1 } })).data)
console.log(await client.request('POST', '/busy').catch(({ status }) => status))
console.log(await client.request('GET', '/x/{+id}', { path: { id: '../y' } }).catch(({ message }) => message))`,
      )
      writeFileSync(
        join(folder, 'calls.py'),
        `from client import ApiError, Client
client = Client("k", "${url}")
print(client.request("PUT", "/early/{id}", path={"id": "c/d"}, body={"a": 1}).data)
for method, path in (("PATCH", "/busy"), ("GET", "/away")):
    try:
        client.request(method, path)
    except ApiError as error:
        print(error.status)`,
      )
      const run = async (command: string, file: string) =>
        (await promisify(execFile)(command, [join(folder, file)])).stdout
      expect(await run(process.execPath, 'calls.mjs')).toBe('well\n503\n".." cannot stand in a path\n')
      expect(await run('python3', 'calls.py')).toBe('well\n503\n302\n')
      expect(seen.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
        'POST /early/a%2Fb',
        'POST /early/a%2Fb',
        'POST /busy',
        'PUT /early/c%2Fd',
        'PUT /early/c%2Fd',
        'PATCH /busy',
        'GET /away',
      ])
      expect(new Set(seen.map((one) => one.split(' ').slice(2).join(' ')))).toEqual(new Set(['Bearer k']))
    } finally {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('finds parts by words without any script, and shows what was asked for as text', async () => {
    const found = await text('/docs/search?q=rotat%20key')
    expect(found).toContain('/docs/authentication#keep-keys-safe')
    expect(await text('/docs/search?q=429')).toContain('/docs/errors#rate_limit_exceeded')
    expect(await text('/docs/search?q=unheardof')).toContain('Nothing found')
    const many = await text('/docs/search?q=key')
    expect(many).toMatch(/<p class="lead">\d+ found for &#34;key&#34;: the 20 that fit best\.</)
    expect(many.match(/<li><a href="[^"]+">[^<]+<\/a> <span class="quiet">/g)).toHaveLength(20)
    expect(many).toContain('Create an account, then make a <mark>key</mark> under Keys. It')
    const asked = await text(`/docs/search?q=${encodeURIComponent(hostile)}`)
    expect(asked).toContain('&#60;img')
    expect(asked).not.toContain('<img src=x')
  })

  test('tells strangers of published routes and of the account API, and of nothing internal', async () => {
    for (const path of ['/docs/openapi.json', '/docs/platform.json']) {
      const document = JSON.parse(await text(path))
      expect(await new Validator().validate(structuredClone(document)), path).toMatchObject({ valid: true })
    }
    const routes = JSON.parse(await text('/docs/openapi.json'))
    expect(Object.keys(routes.paths)).toEqual(['/files/{rest}', '/now'])
    expect(routes.servers).toEqual([{ url: house.url }])
    const platform = Object.keys(JSON.parse(await text('/docs/platform.json')).paths)
    expect(platform).toEqual(expect.arrayContaining(['/api/v1/keys', '/api/webhook_endpoints']))
    const internal = ['/api/upstreams', '/api/routes', '/api/settings', '/api/v1/webhooks/{provider}']
    for (const path of internal) expect(platform).not.toContain(path)
    for (const path of [
      '/docs/api',
      '/docs/platform',
      '/docs/platform.json',
      '/docs/openapi.json',
      '/llms.txt',
    ]) {
      const page = await text(path)
      expect(page, path).not.toMatch(/"\/admin|>\/admin|upstream_id|\/hidden|operatorSession"?:/)
      expect(page, path).not.toContain(new URL(upstream.url).host)
    }
    await house.api('PATCH', '/api/apis/default', { visibility: 'private' })
    expect(JSON.parse(await text('/docs/openapi.json')).paths).toEqual({})
    await house.api('PATCH', '/api/apis/default', { visibility: 'public' })
  })

  test('is sent compressed to whoever takes that, and plain to others', async () => {
    const sizes = await Promise.all(
      ['gzip', 'identity'].map(async (encoding) => {
        const answer = await fetch(`${house.url}/docs/platform`, { headers: { 'accept-encoding': encoding } })
        expect(answer.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null)
        expect(answer.headers.get('vary')).toContain('accept-encoding')
        return (await answer.text()).length
      }),
    )
    expect(sizes[0]).toBe(sizes[1])
  })

  test('is there for programs as one text, unless a route claims that path', async () => {
    const answer = await fetch(`${house.url}/llms.txt`)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const own = await answer.text()
    expect(own).toMatch(/^# APIGate\n/)
    expect(own).toContain(`- GET /now: The weather now`)
    // Code keeps its lines, and stands in none with words.
    expect(own).toMatch(/\n```[^\n]+\ncurl [^`]+\n```\n/)
    expect(own).not.toMatch(/[^\n]curl -/)
    expect(own).toBe(await text('/docs/llms.txt'))
    const { id } = (await house.api('GET', '/api/upstreams/weather')).body.data
    const route = await house.create('routes', {
      name: 'own-llms',
      path_pattern: '/llms.txt',
      match_type: 'exact',
      auth_required: false,
      upstream_id: id,
    })
    expect(await text('/llms.txt')).not.toBe(own)
    await house.api('DELETE', `/api/routes/${route.id}`)
  })
})

describe.skipIf(browserPath === undefined)('the public pages in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(async () => browser?.close())
  const signUp = visitors(
    () => browser,
    () => house,
  )

  test('find while one types, and give the page back when the search is empty again', async () => {
    const { page, complaints } = await openWindow(browser, house.url)
    await page.goto('/docs')
    await page.keyboard.press('/')
    await page.keyboard.type('webhook')
    await page.getByRole('heading', { name: 'Results' }).waitFor()
    await page.getByRole('searchbox').fill('')
    await page.getByRole('heading', { name: 'Quickstart' }).waitFor()
    await page.getByRole('searchbox').fill('signed standard')
    await page.getByRole('main').getByRole('link', { name: 'Verify what arrives' }).click()
    await page.waitForURL(/\/docs\/webhooks#verify$/)
    expect(complaints).toEqual([])
  })

  test('send a request from the reference with the key of the reader', async () => {
    const { page, complaints } = await openWindow(browser, house.url)
    await page.goto('/docs/api')
    await page.getByText('The weather now').click()
    const form = page.locator('details[open] form')
    await form.getByLabel('API key').fill(key)
    await form.getByLabel('Query').fill('city=Lagos')
    await form.getByRole('button', { name: 'Send GET' }).click()
    await form.locator('output').filter({ hasText: /^200/ }).waitFor()
    await form.getByLabel('API key').fill('ak_wrong')
    await form.getByRole('button', { name: 'Send GET' }).click()
    await form.locator('output').filter({ hasText: 'invalid_api_key' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('make a key that ends in an hour for whoever is signed in, and lead others to where one signs in', async () => {
    const stranger = await openWindow(browser, house.url)
    await stranger.page.goto('/docs/api')
    await stranger.page.getByText('The weather now').click()
    await stranger.page.getByRole('button', { name: 'Use a key of my account' }).first().click()
    const door = stranger.page.getByRole('status').getByRole('link', { name: 'Sign in' })
    await door.waitFor()
    const { page, complaints, company, email } = await signUp()
    await door.click()
    await signInAs(stranger.page, email)
    await stranger.page.waitForURL(/\/docs\/api#\w+$/)
    await page.goto('/docs/api')
    await page.getByText('The weather now').click()
    const form = page.locator('details[open] form')
    await form.getByRole('button', { name: 'Use a key of my account' }).click()
    await form.getByText('Made a key that ends in an hour').waitFor()
    await form.getByRole('button', { name: 'Send GET' }).click()
    await form.locator('output').filter({ hasText: /^200/ }).waitFor()
    const { data } = (await house.api('GET', '/api/api_keys?name=API reference')).body
    const organization = (await house.api('GET', `/api/organizations/${data[0].organization_id}`)).body.data
    expect([data.length, organization.name]).toEqual([1, company])
    const leftMs = Date.parse(data[0].expires_at) - Date.parse(data[0].created_at)
    expect(leftMs).toBeGreaterThan(3_000_000)
    expect(leftMs).toBeLessThan(4_000_000)
    expect(complaints).toEqual([])
  })

  test('lead to a portal under the same name, which is text there, too, the same colour and the same logo', async () => {
    const logo = '/assets/logo-of-theirs.svg'
    await set({ 'brand.name': `O'Neil & <b>$&</b>`, 'brand.color': '#f5a623', 'brand.logo_url': logo })
    for (const isDark of [false, true]) {
      const { page, complaints } = await openWindow(browser, house.url, { isDark })
      await page.goto('/portal/sign-up')
      await expect.poll(() => page.title()).toBe(`Portal · O'Neil & <b>$&</b>`)
      await page.getByText(`O'Neil & <b>$&</b>`, { exact: true }).waitFor()
      const button = page.getByRole('button', { name: 'Create an account' })
      expect(
        await button.evaluate((one) => one.ownerDocument.defaultView?.getComputedStyle(one).backgroundColor),
      ).toBe('rgb(245, 166, 35)')
      await expect.poll(() => page.locator(`main img[src="${logo}"]`).count()).toBe(1)
      await expect.poll(() => seriousProblems(page)).toEqual([])
      expect(complaints).toEqual([])
    }
    await set({ 'brand.logo_url': 'https://cdn.example.com/logo.svg' })
    const answer = await fetch(`${house.url}/portal`)
    expect(answer.headers.get('content-security-policy')).toContain('data: https://cdn.example.com;')
    await unset('brand.name', 'brand.color', 'brand.logo_url')
  })

  test('say at the doors that accounts take an invitation, where nobody makes one by themselves', async () => {
    await set({ 'auth.registration': 'closed' })
    const { page, complaints } = await openWindow(browser, house.url)
    await page.goto('/portal/sign-up')
    await page.getByRole('heading', { name: 'By invitation' }).waitFor()
    await expect.poll(() => page.getByRole('textbox').count()).toBe(0)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('Password').waitFor()
    await expect.poll(() => page.getByRole('link', { name: /Create an account/ }).count()).toBe(0)
    await unset('auth.registration')
    await page.reload()
    await page.getByRole('link', { name: /Create an account/ }).waitFor()
    expect(complaints).toEqual([])
  })

  test('show where their buttons are, and fit, whatever the colour and however long the names', async () => {
    const long = 'The Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten'
    const plan = await house.create('plans', { name: long, description: long, price_monthly: 1_234_567_890 })
    await set({ 'brand.name': long })
    for (const [isDark, color] of [
      [false, '#ffffff'],
      [true, '#000010'],
    ] as const) {
      await set({ 'brand.color': color })
      for (const isPhone of [false, true]) {
        const { page, context } = await openWindow(browser, house.url, { isDark, isPhone })
        await page.goto('/docs/plans')
        await expect.poll(() => isTooWide(page)).toBe(false)
        for (const path of ['/', '/portal/sign-in']) {
          await page.goto(path)
          const button = page.locator('a.button:not(.quiet), button[type="submit"]').first()
          const [edge, ground] = await button.evaluate((one) => {
            const style = one.ownerDocument.defaultView?.getComputedStyle(one)
            return [style?.borderTopColor, style?.backgroundColor]
          })
          expect([path, edge]).not.toEqual([path, ground])
          await expect.poll(() => isTooWide(page), { message: `${path} ${color}` }).toBe(false)
          await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
        }
        await expect.poll(() => page.title()).toContain(long)
        await context.close()
      }
    }
    expect(await text('/')).toContain(`<h1>${long} API</h1>`)
    await house.api('DELETE', `/api/plans/${plan.id}`)
    await unset('brand.name', 'brand.color')
  })

  test('show one language at a time, and the one that was chosen on other pages, too', async () => {
    const { page } = await openWindow(browser, house.url)
    await page.goto('/docs')
    const shown = () => page.locator('.choices figure:visible code').evaluateAll(languages)
    const languages = (codes: { dataset: { language?: string } }[]) =>
      codes.map(({ dataset }) => dataset.language)
    await expect.poll(() => shown()).toEqual(['sh'])
    await page.getByRole('button', { name: 'Python' }).click()
    await expect.poll(() => shown()).toEqual(['Python'])
    await page.goto('/docs/webhooks')
    await expect.poll(() => shown()).toEqual(['Python'])
  })

  test('follow the theme that was chosen, not only the one of the system', async () => {
    const { page } = await openWindow(browser, house.url, { isDark: true })
    await page.goto('/')
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    await expect.poll(() => ground()).toBe('rgb(12, 13, 15)')
    await page.evaluate("localStorage.setItem('theme', 'light')")
    await page.reload()
    await expect.poll(() => ground()).toBe('rgb(250, 250, 250)')
    await page.getByRole('button', { name: 'Switch between light and dark' }).click()
    await page.goto('/docs')
    await expect.poll(() => ground()).toBe('rgb(12, 13, 15)')
  })

  for (const [look, options] of looks)
    test(`have nothing that keeps people out, and fit, ${look}`, async () => {
      const { page, complaints } = await openWindow(browser, house.url, options)
      for (const path of [...pages, '/docs/nothing', '/console']) {
        await page.goto(path)
        if (path === '/docs/api') await page.locator('details').first().locator('summary').click()
        await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
        await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
        await expect.poll(() => page.title(), { message: path }).not.toBe('owned')
      }
      expect(complaints).toEqual([])
    })
})
