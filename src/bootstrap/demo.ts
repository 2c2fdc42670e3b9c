import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import type { IssueInvoice } from '#app/billing/issue-invoice.ts'
import { systemActor } from '#contract/actor.ts'
import { Fault } from '#contract/outcome.ts'
import type { Engine } from '#core/engine.ts'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { startWeatherApi } from '#examples/weather-api/server.ts'
import type { Config } from './config.ts'
import { serve } from './serve.ts'

const remembered = z.object({
  url: z.string(),
  api_key: z.string(),
  admin: z.object({ email: z.string(), password: z.string() }),
  customer: z.object({ email: z.string(), password: z.string() }),
  upstream_url: z.string(),
  route: z.string(),
})
type Remembered = z.infer<typeof remembered>

/** The routes of the demo: the one to call first, and everything else of the sample API below it. */
const routes = [
  { name: 'weather', path_pattern: '/weather', match_type: 'exact' },
  { name: 'weather-more', path_pattern: '/weather/*', match_type: 'prefix', path_rewrite: '/{rest}' },
] as const

/** A demo that answers; the introduction tells what to do with it. */
export interface RunningDemo {
  readonly introduction: readonly string[]
  active(): number
  close(): Promise<void>
}

/** Runs everything on the embedded database: a sample API behind the gateway, a plan, a customer and a key. A second start keeps it all. */
export async function demo(config: Config, say: (line: string) => void): Promise<RunningDemo> {
  say('APIGate demo: starting a small weather API, the gateway and a database ...')
  const weather = await startWeatherApi({ port: 0 })
  try {
    const running = await serve({
      ...withTestPayments(config),
      logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
    })
    const path = join(config.dataDirectory, 'demo.json')
    const { engine, billing } = running.house
    const facts = await furnish(engine, weather.url, recall(path))
    await invoiceToPay(engine, billing.issue, facts.customer.email)
    const known = { ...facts, url: running.url, upstream_url: weather.url, route: routes[0].path_pattern }
    writeFileSync(path, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 })
    return {
      introduction: introduction(known, config, running.firstToken),
      active: running.active,
      async close() {
        await running.close()
        await weather.close()
      },
    }
  } catch (error) {
    await weather.close()
    throw error
  }
}

/** Whoever has chosen nobody to be paid through tries payments without money. Production refuses to start with them, and is left alone. */
const isPaidInTest = ({ environment, providerEnvironment }: Config): boolean =>
  environment !== 'production' && (providerEnvironment['PAYMENT_PROVIDER'] ?? '') === ''

const withTestPayments = (config: Config): Config =>
  isPaidInTest(config)
    ? { ...config, providerEnvironment: { ...config.providerEnvironment, PAYMENT_PROVIDER: 'dummy' } }
    : config

/** One open invoice of the customer's, to be paid on the pages; the same one at every start. */
async function invoiceToPay({ records }: Engine, issue: IssueInvoice, email: string): Promise<void> {
  const organizationId = (await records.getBy('user', 'email', email))?.organization_id
  if (typeof organizationId !== 'string') return
  const line = lineOf('USD', { kind: 'manual', description: 'Getting started', amountMinor: 1_000n })
  const order = { organizationId, kind: 'manual', origin: 'demo', currency: 'USD', lines: [line] } as const
  const issued = await issue(order)
  if (!issued.ok) throw new Fault('internal_error', `the demo could not make its invoice: ${issued.message}`)
}

function recall(path: string): Remembered | undefined {
  try {
    return remembered.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

/** Makes what the demo needs and is not there yet; answers the secrets, which only the first start knows. */
async function furnish(
  engine: Engine,
  upstreamUrl: string,
  known: Remembered | undefined,
): Promise<Pick<Remembered, 'api_key' | 'admin' | 'customer'>> {
  const { records } = engine
  const upstream = await records.getBy('upstream', 'name', 'weather')
  if (upstream === undefined)
    await write(engine, 'upstream', { name: 'weather', base_url: upstreamUrl, timeout_ms: 10_000 })
  else await write(engine, 'upstream', { base_url: upstreamUrl }, upstream.id)
  for (const route of routes)
    if ((await records.getBy('route', 'name', route.name)) === undefined)
      await write(engine, 'route', { ...route, upstream_id: 'weather' })
  if ((await records.getBy('plan', 'name', 'demo')) === undefined)
    await write(engine, 'plan', {
      name: 'demo',
      description: 'What the demo customer is on',
      rate_limit_per_minute: 60,
      requests_per_month: 1_000,
      price_monthly: 1_000,
    })
  const password = () => randomBytes(12).toString('base64url')
  const admin = known?.admin ?? { email: 'admin@example.com', password: password() }
  const customer = known?.customer ?? { email: 'customer@example.com', password: password() }
  const operator = await records.getBy('operator', 'email', admin.email)
  if (operator === undefined)
    await write(engine, 'operator', { ...admin, name: 'Demo operator', role: 'superadmin' })
  else if (known === undefined) await write(engine, 'operator', { password: admin.password }, operator.id)
  const found = await records.getBy('user', 'email', customer.email)
  const user =
    found ?? (await write(engine, 'user', { ...customer, name: 'Demo customer', plan_id: 'demo' })).row
  if (found !== undefined && known === undefined)
    await write(engine, 'user', { password: customer.password }, found.id)
  if (known !== undefined) return { api_key: known.api_key, admin, customer }
  const key = await write(engine, 'api_key', { name: 'demo', user_id: user.id })
  return { api_key: String(key.once['key']), admin, customer }
}

async function write(engine: Engine, module: string, input: Readonly<Record<string, unknown>>, id?: string) {
  const outcome = await engine.invoke({
    actor: systemActor,
    requestId: 'demo',
    module,
    action: id === undefined ? 'create' : 'update',
    input,
    ...(id === undefined ? {} : { id }),
  })
  if (!outcome.ok)
    throw new Fault('internal_error', `the demo could not make its ${module}: ${outcome.message}`)
  return outcome.value
}

function introduction(known: Remembered, config: Config, firstToken: string | undefined): string[] {
  const { dataDirectory } = config
  const folder = relative('', dataDirectory)
  const where = folder === '.apigate' ? '' : ` --data ${folder.startsWith('..') ? dataDirectory : folder}`
  return [
    '',
    `APIGate is ready: ${known.url}`,
    '',
    "Call the weather API through it, with the demo customer's key (60 requests a minute, 1,000 a month):",
    '',
    `  curl -i -H "Authorization: Bearer ${known.api_key}" "${known.url}${known.route}?city=Lagos"`,
    '',
    `Then see it counted:  npx apigate usage summary${where}`,
    '',
    `Or look at its pages: customers at ${known.url}/portal, you at ${known.url}/ui.`,
    ...(isPaidInTest(config)
      ? [
          'Invoices are paid in test, without money (PAYMENT_PROVIDER=dummy): choose a provider before you sell.',
        ]
      : []),
    '',
    ...(firstToken === undefined ? [] : [`Operator token (shown this once): ${firstToken}`, '']),
    `Key, accounts and addresses are in ${join(folder.startsWith('..') ? dataDirectory : folder, 'demo.json')}. Stop with Ctrl-C.`,
  ]
}
