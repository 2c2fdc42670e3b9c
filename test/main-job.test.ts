import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { lastingMonth } from '#test/support/lasting-month.ts'

const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'apigate-main-job-'))
const run = promisify(execFile)

interface Demo {
  readonly child: ChildProcess
  readonly curl: string
  readonly facts: {
    readonly url: string
    readonly api_key: string
    readonly admin: { readonly email: string; readonly password: string }
    readonly customer: { readonly email: string; readonly password: string }
    readonly route: string
  }
}

/** The README's command, on a data directory of the test's own. */
async function npmStart(): Promise<Demo> {
  const child = spawn('npm', ['start', '--', '--port', '0', '--host', '127.0.0.1', '--data', folder], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let curl = ''
  let isReady = false
  for await (const line of createInterface(child.stdout)) {
    if (line.trim().startsWith('curl ')) curl = line.trim()
    isReady = line.includes('Stop with Ctrl-C')
    if (isReady) break
  }
  expect(isReady).toBe(true)
  child.stdout.resume()
  return { child, curl, facts: JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')) }
}

let demo: Demo | undefined
async function stop(): Promise<void> {
  const child = demo?.child
  if (child === undefined || child.exitCode !== null) return
  await new Promise((done) => child.once('exit', done).kill('SIGTERM'))
}
afterAll(async () => {
  await stop()
  rmSync(folder, { recursive: true, force: true })
})

const summary = async (): Promise<{ requests: number; units: number; cost: string }> => {
  const { stdout } = await run(join(root, 'bin/apigate'), [
    'usage',
    'summary',
    '--output',
    'json',
    '--data',
    folder,
  ])
  return JSON.parse(stdout).data.rows.find((row: { plan: string }) => row.plan === 'demo')
}

/** What a customer does on the pages, as the pages ask for it: the open invoice, its button, the page of the test payments. */
async function payTheInvoice(url: string, customer: Demo['facts']['customer']): Promise<void> {
  const ask = async (path: string, headers: Record<string, string>, body?: object) => {
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const all = { 'content-type': 'application/json', ...headers }
    // biome-ignore lint/suspicious/noExplicitAny: what the server answers is what is looked at
    return ((await (await fetch(`${url}${path}`, { headers: all, ...post })).json()) as any).data
  }
  const { token } = await ask('/api/v1/auth/login', {}, customer)
  const signedIn = { authorization: `Bearer ${token}` }
  const invoice = async () => (await ask('/api/invoices', signedIn))[0]
  const { id, ...open } = await invoice()
  expect(open).toMatchObject({ status: 'open', amount_due: 1000, currency: 'USD' })
  const { checkout_url } = await ask('/api/v1/billing/initiate-payment', signedIn, { invoice_id: id })
  const page = `${url}${new URL(checkout_url).pathname}`
  expect(await (await fetch(page)).text()).toContain('10.00')
  const body = new URLSearchParams({ choice: 'pay' })
  const paid = await fetch(page, { method: 'POST', body, redirect: 'manual', headers: { origin: url } })
  expect(paid.status).toBe(303)
  await expect.poll(async () => (await invoice()).status).toBe('paid')
}

it('a newcomer gets from npm start to a paid, limited, counted call, an invoice that is paid on the pages, and a second start keeps it all', async () => {
  await lastingMonth()
  demo = await npmStart()
  expect(statSync(join(folder, 'demo.json')).mode & 0o777).toBe(0o600)

  const { stdout } = await run('sh', ['-c', demo.curl])
  expect(stdout).toMatch(/^HTTP\/1\.1 200 /)
  expect(stdout).toMatch(/"city":"Lagos"/)
  for (const header of [
    'X-RateLimit-Limit: 60',
    'X-RateLimit-Remaining: 59',
    'X-Quota-Limit: 1000',
    'X-Quota-Used: 1',
  ])
    expect(stdout).toContain(header)
  expect(await summary()).toMatchObject({ requests: 1, units: 1, cost: '10.00 USD' })

  const { url, api_key: key, route } = demo.facts
  const startedAt = performance.now()
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      fetch(`${url}${route}`, { headers: { authorization: `Bearer ${key}` } }),
    ),
  )
  const refilled = Math.ceil((performance.now() - startedAt) / 1000) + 1
  const admitted = answers.filter((answer) => answer.status === 200).length
  expect(admitted).toBeGreaterThanOrEqual(59)
  expect(admitted).toBeLessThanOrEqual(59 + refilled)
  const refused = answers.filter((answer) => answer.status === 429)
  expect(refused).toHaveLength(200 - admitted)
  expect(refused[0]?.headers.get('retry-after')).toBe('1')
  expect(await summary()).toMatchObject({ units: 1 + admitted })

  const login = await fetch(`${url}/admin/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(demo.facts.admin),
  })
  expect(login.status).toBe(200)

  await payTheInvoice(url, demo.facts.customer)

  await stop()
  demo = await npmStart()
  expect(demo.facts.api_key).toBe(key)
  const again = await fetch(`${demo.facts.url}${route}`, { headers: { 'x-api-key': key } })
  expect(again.headers.get('x-quota-used')).toBe(String(admitted + 2))
})
