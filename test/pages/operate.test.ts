import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  browserPath,
  isTooWide,
  looks,
  openWindow,
  seriousProblems,
  startBrowser,
  type Window,
} from '#test/support/browser.ts'
import { signInAsOperator } from '#test/support/operator-visit.ts'
import { expectNoPlaceholder, refuseReads } from '#test/support/refused-reads.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

const operator = { email: 'ops@example.com', password: 'correct horse battery' }
const pages = [
  'usage?by=route',
  'route-tester',
  'upstreams',
  'providers',
  'emails',
  'jobs',
  'audit',
  'health',
  'certificates',
  'start',
  'm/plans/pro',
  'm/invoices',
]

describe.skipIf(browserPath === undefined)('the pages with which operators look after an instance', () => {
  let house: TestHouse
  let browser: Browser
  let cookies: Awaited<ReturnType<Window['context']['cookies']>>
  beforeAll(async () => {
    house = await startHouse()
    await house.create('operators', { ...operator, name: 'Ada', role: 'superadmin' })
    const upstream = await house.create('upstreams', { name: 'weather', base_url: 'http://127.0.0.1:1' })
    await house.create('routes', { name: 'cities', path_pattern: '/cities/*', upstream_id: upstream.id })
    browser = await startBrowser()
    const { page, context } = await openWindow(browser, house.url)
    await signInAsOperator(page, operator)
    cookies = await context.cookies()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
  })

  const open = async (path: string, options: Parameters<typeof openWindow>[2] = {}): Promise<Window> => {
    const window = await openWindow(browser, house.url, options)
    await window.context.addCookies(cookies)
    await window.page.goto(path)
    return window
  }

  test('think a request through without sending it, and keep what was asked but no key in the address', async () => {
    const { page, complaints } = await open('/ui/route-tester?url=%2Fcities%2Foslo')
    await page.getByLabel('API key').fill('ak_of_nobody')
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByRole('link', { name: 'cities' }).waitFor()
    await page.getByText('would refuse it: invalid_api_key').waitFor()
    await page.getByText('GET http://127.0.0.1:1/cities/oslo').waitFor()
    expect(page.url()).not.toContain('ak_of_nobody')
    await page.getByLabel('Address or path').fill('nowhere')
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('Must be an http(s) address').waitFor()
    expect(complaints).toEqual([])
  })

  test('show requests while they are counted, those that failed alone, and hold them to be read', async () => {
    const customer = await house.create('organizations', { name: 'Acme' })
    const { key } = await house.create('api_keys', { organization_id: customer.id, name: 'first' })
    const call = (path: string) =>
      fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${key}` } }).then((answer) =>
        answer.text(),
      )
    const { page, complaints } = await open('/ui')
    const feed = page.getByRole('list', { name: 'Live requests' })
    await expect
      .poll(async () => {
        await call('/cities/oslo')
        return feed.getByText('/cities/oslo').count()
      })
      .toBeGreaterThan(0)
    const row = feed.getByRole('listitem').filter({ hasText: '/cities/oslo' }).first()
    // After some failures the upstream is left alone for a while, which is 503.
    await row.getByText(/^50[23]$/).waitFor()
    await row.getByRole('link', { name: 'Acme' }).waitFor()
    await page.getByRole('button', { name: 'Failures only' }).click()
    await page.waitForURL(/failed=true/)
    await row.waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await call('/cities/rome')
    await house.running.drainUsage()
    await page.getByRole('button', { name: 'Go on' }).click()
    await expect
      .poll(async () => {
        await call('/cities/bern')
        return feed.getByText('/cities/bern').count()
      })
      .toBeGreaterThan(0)
    expect(complaints).toEqual([])
  })

  test('tell usage apart by days of a choice, a customer, a key, a route, and go on from a row to what it is of', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const { page, complaints } = await open('/ui/usage?range=own&from=2026-01-01&to=2026-01-02')
    await page.getByText('No call in this time').waitFor()
    await page.getByLabel('Last day').fill('2025-12-31')
    await page.getByText('Choose a first day and a last day').waitFor()
    await page.getByLabel('Last day').fill(today)
    await page.getByLabel('First day').fill(today)
    await page.getByLabel('Told apart by').selectOption('organization')
    await page.getByRole('region', { name: 'Latency' }).getByRole('link', { name: 'cities' }).waitFor()
    await page.getByRole('region', { name: 'Usage' }).getByRole('row', { name: /^Acme/ }).click()
    await page.waitForURL(/of=org_/)
    await page.getByLabel('API key').selectOption({ label: 'first' })
    await page.getByLabel('Route', { exact: true }).selectOption({ label: 'cities' })
    await page.waitForURL((url) => url.searchParams.has('key') && url.searchParams.has('route'))
    await page.locator('svg.recharts-surface').first().waitFor()
    await page.reload()
    await page.locator('svg.recharts-surface').first().waitFor()
    await expect.poll(() => page.getByLabel('First day').inputValue()).toBe(today)
    await page.goto(`/ui/m/organizations/${new URL(page.url()).searchParams.get('of')}`)
    await page.getByRole('main').getByRole('link', { name: 'Usage' }).click()
    await page.waitForURL(/\/ui\/usage\?of=org_/)
    await page.locator('svg.recharts-surface').first().waitFor()
    expect(complaints).toEqual([])
  })

  test('test a provider, switch it off and on again', async () => {
    const { page, complaints } = await open('/ui/providers')
    const sendgrid = page.getByRole('listitem').filter({ hasText: 'sendgrid' }).first()
    await sendgrid.getByRole('button', { name: 'Disable' }).click()
    await sendgrid.getByText('disabled', { exact: true }).waitFor()
    const state = async () => (await house.api('GET', '/admin/providers/email_sendgrid')).body.data.is_enabled
    await expect.poll(state).toBe(false)
    await sendgrid.getByRole('button', { name: 'Enable' }).click()
    await sendgrid.getByRole('button', { name: 'Disable' }).waitFor()
    await expect.poll(state).toBe(true)
    await page.getByRole('button', { name: 'Test all active' }).click()
    await page.getByText('is connected').first().waitFor()
    expect(complaints).toEqual([])
  })

  test('keep what is known on the page while it cannot be read again, and say why with the id to quote', async () => {
    const { page } = await open('/ui/health')
    await page.getByText('Database', { exact: true }).waitFor()
    const error = { type: 'conflict', message: 'Not now.', request_id: 'req_again' }
    await page.route('**/admin/health', (asked) => asked.fulfill({ status: 409, json: { error } }))
    await page.getByText('Request req_again').waitFor()
    await expect.poll(() => page.getByText('Database', { exact: true }).count()).toBe(1)
    await page.unroute('**/admin/health')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Request req_again').waitFor({ state: 'detached' })
  })

  test('leave no placeholder behind where nothing can be read, say why with the id to quote, and try again', async () => {
    const { page } = await open('/ui')
    await page.getByText('Monthly recurring revenue', { exact: true }).first().waitFor()
    const readAgain = await refuseReads(page)
    await expectNoPlaceholder(page, 'operator')
    await page.goto('/ui')
    const told = page.getByRole('alert').filter({ hasText: 'Request req_refused' })
    await told.first().waitFor()
    await readAgain()
    await told.first().getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Monthly recurring revenue', { exact: true }).first().waitFor()
  })

  test('show a mail as it will look, and send it as a test', async () => {
    const { page, complaints } = await open('/ui/emails')
    await page.getByRole('row', { name: /^Key created/ }).click()
    await page.frameLocator('iframe').locator('h1, h2, p').first().waitFor()
    await page.getByRole('button', { name: 'Send me a test' }).click()
    await page.getByText('on its way to your address').first().waitFor()
    expect(complaints).toEqual([])
  })

  test('filter the audit log by its address, show what changed, and verify every entry', async () => {
    const { page, complaints } = await open('/ui/audit?action=route.create')
    await page.getByRole('row', { name: /Route: create/ }).click()
    await page.getByRole('dialog').getByText('/cities/*').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText(/^Intact: /).waitFor()
    await page.goto('/ui/audit?from=yesterday')
    await page.getByRole('alert').waitFor()
    expect(complaints).toEqual([])
  })

  test('show what a plan comes to while its price is typed, and keep nothing of it', async () => {
    const [plan] = (await house.api('GET', '/api/plans?name=pro')).body.data
    const { page, complaints } = await open(`/ui/m/plans/${plan.id}`)
    await page.getByRole('row', { name: /^1,000 50\.00 USD/ }).waitFor()
    await page.getByLabel('Price model').selectOption('per_unit')
    await page.getByText('must be a price such as').first().waitFor()
    await page.getByLabel('Price of a unit or package').fill('0.01')
    await page.getByRole('row', { name: /^1,000 60\.00 USD/ }).waitFor()
    expect((await house.api('GET', `/api/plans/${plan.id}`)).body.data.price_model).toBe('flat')
    expect(complaints).toEqual([])
  })

  test('edit the tiers of a price, say what is wrong with one, save it, and take it back', async () => {
    const plan = await house.create('plans', { name: 'tiered', price_monthly: 500 })
    const { page, complaints } = await open(`/ui/m/plans/${plan.id}`)
    await page.getByLabel('Price model').selectOption('graduated')
    for (const [tier, values] of [
      [1, ['1000', '0.01', '1.50']],
      [2, ['', '0.005', '0']],
    ] as const) {
      await page.getByRole('button', { name: 'Add a tier' }).click()
      for (const [index, label] of ['Up to', 'Each', 'Fee'].entries())
        await page.getByLabel(`Tier ${tier}: ${label}`).fill(values[index] ?? '')
    }
    await page.getByRole('row', { name: /^10,000 61\.50 USD 5\.00 USD \(\+56\.50 USD\)/ }).waitFor()
    await page.getByLabel('Tier 1: Each').fill('much')
    await page.getByText('tiers[0].unit_price: must be a price').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Save the price' }).isDisabled()).toBe(true)
    await page.getByLabel('Tier 1: Each').fill('0.01')
    await page.getByText('Nobody has this plan').waitFor()
    await page.getByRole('button', { name: 'Save the price' }).click()
    await page.getByText('The price is saved.').first().waitFor()
    const stored = async () => (await house.api('GET', `/api/plans/${plan.id}`)).body.data
    expect((await stored()).tiers).toEqual([
      { up_to: 1000, unit_price: '0.01', fee: 150 },
      { unit_price: '0.005', fee: 0 },
    ])
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(async () => (await stored()).price_model).toBe('flat')
    expect(complaints).toEqual([])
  })

  test('configure a provider by the fields of its module, and never show its secret', async () => {
    const { page, complaints } = await open('/ui/providers')
    const sendgrid = page.getByRole('listitem').filter({ hasText: 'sendgrid' }).first()
    await sendgrid.getByRole('button', { name: 'Configure' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Api key').fill('SG.secret')
    await dialog.getByLabel('From', { exact: false }).first().fill('billing@example.com')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await sendgrid.getByText('not configured').waitFor({ state: 'detached' })
    const provider = (await house.api('GET', '/admin/providers/email_sendgrid')).body.data
    expect(provider).toMatchObject({ is_configured: true, problems: [] })
    expect(JSON.stringify((await house.api('GET', '/api/settings')).body)).not.toContain('SG.secret')
    expect(complaints).toEqual([])
  })

  test('let an operator act as a person, with a reason and not without', async () => {
    const user = await house.create('users', { email: 'anna@example.com', name: 'Anna' })
    const { page } = await open(`/ui/m/users/${user.id}`)
    await page.getByRole('button', { name: 'Act as this person' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('no')
    await dialog.getByRole('button', { name: 'Act as this person' }).click()
    await dialog.getByText('5 to 500 characters').waitFor()
    await dialog.getByLabel('Reason').fill('ticket 17: sees no usage')
    await dialog.getByRole('button', { name: 'Act as this person' }).click()
    await page.waitForURL(/\/portal/)
    const [session] = (await house.api('GET', '/admin/impersonations')).body.data
    expect(session).toMatchObject({ user_id: user.id, reason: 'ticket 17: sees no usage' })
  })

  test('show a change on the overview as soon as it is committed', async () => {
    const { page, complaints } = await open('/ui')
    await page.getByText('Waiting for the first change').waitFor()
    await page.waitForLoadState('networkidle')
    await house.create('organizations', { name: 'Newcomers' })
    await page.getByText('organization.created').waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  for (const [look, options] of looks)
    test(`have nothing that keeps people out, and fit, ${look}`, async () => {
      const { page, complaints } = await open('/ui', options)
      for (const path of pages) {
        await page.goto(`/ui/${path}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('networkidle')
        await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
        await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
      }
      expect(complaints).toEqual([])
    })
})
