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
import { frozenClock } from '#test/support/frozen-clock.ts'
import { signInAsOperator } from '#test/support/operator-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const operator = { email: 'ops@example.com', password: 'correct horse battery' }

describe.skipIf(browserPath === undefined)('the pages with which operators look after money', () => {
  const clock = frozenClock('2026-11-02T10:00:00.000Z')
  let house: TestHouse
  let browser: Browser
  let cookies: Awaited<ReturnType<Window['context']['cookies']>>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into records freely
  let invoices: any[]
  let endpoint: { id: string }
  let receiver: Upstream

  beforeAll(async () => {
    house = await startHouse({ clock })
    await house.create('operators', { ...operator, name: 'Ada', role: 'superadmin' })
    await house.create('plans', { name: 'europe', currency: 'EUR', price_monthly: 4900 })
    for (const [name, plan_id] of [
      ['Acme', 'starter'],
      ['Blue', 'starter'],
      ['Cobalt', 'europe'],
    ])
      await house.create('users', { email: `${name}@example.com`, name, plan_id })
    clock.set('2026-12-01T05:00:00.000Z')
    await house.api('POST', '/admin/billing/run', {})
    invoices = (await house.api('GET', '/api/invoices?sort=number')).body.data
    const [{ id, amount_due: amount, currency }] = invoices
    const payment = { payment_id: 'bank 1', amount, currency }
    await house.api('POST', `/admin/billing/invoices/${id}/settle`, payment)
    receiver = await startUpstream()
    await house.create('settings', { key: 'webhooks.allow_private', value: 'true' })
    endpoint = await house.create('webhook_endpoints', {
      url: `${receiver.url}/in`,
      organization_id: invoices[0].organization_id,
      events: ['invoice.*'],
    })
    browser = await startBrowser()
    const { page, context } = await openWindow(browser, house.url)
    await signInAsOperator(page, operator)
    cookies = await context.cookies()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
    await receiver?.close()
  })

  const open = async (path: string, options: Parameters<typeof openWindow>[2] = {}): Promise<Window> => {
    const window = await openWindow(browser, house.url, options)
    await window.context.addCookies(cookies)
    await window.page.goto(path)
    return window
  }
  const figure = (page: Window['page'], label: string) =>
    page.getByText(label, { exact: true }).first().locator('..')

  test('say what is earned and what recurs, each currency by itself, and keep the choice in the address', async () => {
    const { page, complaints } = await open('/ui')
    await page.getByLabel('Currency').selectOption('USD')
    await page.getByText('10.00 USD').first().waitFor()
    await figure(page, 'Revenue').getByText('10.00 USD', { exact: true }).waitFor()
    await figure(page, 'Monthly recurring revenue').getByText('20.00 USD', { exact: true }).waitFor()
    await figure(page, 'Outstanding').getByText('10.00 USD', { exact: true }).waitFor()
    await page.getByLabel('Currency').selectOption('EUR')
    await page.getByText('49.00 EUR').first().waitFor()
    await figure(page, 'Revenue').getByText('0.00 EUR', { exact: true }).waitFor()
    await page.getByLabel('Last 30 days').selectOption('7')
    await page.waitForURL(/days=7/)
    expect(page.url()).toContain('currency=EUR')
    await page.locator('svg.recharts-surface').first().waitFor()
    expect(complaints).toEqual([])
  })

  test('lead from a balance to its entries, from an entry to what caused it, and recount all of it', async () => {
    const { page, complaints } = await open('/ui/ledger')
    await page.getByRole('button', { name: 'Recount' }).click()
    await page.getByText(/^Right to the smallest unit: 4 entries/).waitFor()
    const accounts = page.getByRole('region', { name: 'Accounts' })
    await accounts.getByRole('row', { name: /receivable What customers owe 2 USD 10\.00 USD/ }).waitFor()
    await page.getByLabel('What happened').selectOption('invoice_paid')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/kind=invoice_paid/)
    const journal = page.getByRole('region', { name: 'Journal' })
    await journal.getByText('invoice paid').waitFor()
    await expect.poll(() => journal.getByRole('row').count()).toBe(2)
    const exported = page.getByRole('link', { name: 'Export CSV' })
    const csv = await (await page.request.get((await exported.getAttribute('href')) ?? '')).text()
    expect(csv.trim().split('\r\n')).toHaveLength(5)
    await journal.getByRole('link', { name: invoices[0].number }).click()
    await page.getByRole('heading', { name: invoices[0].number }).waitFor()
    await page.goto('/ui/ledger?from=yesterday')
    await page
      .getByRole('alert')
      .getByText(/must be a time|not valid/)
      .waitFor()
    expect(complaints).toEqual([])
  })

  test('verify an invoice, and void one only when its number is typed', async () => {
    const { page, complaints } = await open(`/ui/m/invoices/${invoices[1].id}`)
    await page.getByText('starter: base fee').waitFor()
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByText('The invoice is what its usage comes to.').waitFor()
    await page.getByRole('button', { name: 'Void' }).click()
    const dialog = page.getByRole('dialog')
    await expect.poll(() => dialog.getByRole('button', { name: 'Void' }).isDisabled()).toBe(true)
    await dialog.getByLabel(`Type ${invoices[1].number} to confirm`).fill(invoices[1].number)
    await dialog.getByRole('button', { name: 'Void' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await house.api('GET', `/api/invoices/${invoices[1].id}`)).body.data.status).toBe('void')
    expect(complaints).toEqual([])
  })

  test('show what a change of plan does before it is made, and make it', async () => {
    const [subscription] = (
      await house.api('GET', `/api/subscriptions?organization_id=${invoices[1].organization_id}`)
    ).body.data
    const { page, complaints } = await open(`/ui/m/subscriptions/${subscription.id}`)
    await page.getByRole('button', { name: 'Change the plan' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('New plan').selectOption({ label: 'pro · 50.00\u00a0USD' })
    await dialog.getByText('On the next invoice').waitFor()
    await dialog.getByText('The rest of the period under the new plan').waitFor()
    await dialog.getByRole('button', { name: 'Change the plan' }).click()
    await page.getByText('The plan is pro now.').first().waitFor()
    const { plan_id } = (await house.api('GET', `/api/subscriptions/${subscription.id}`)).body.data
    expect((await house.api('GET', `/api/plans/${plan_id}`)).body.data.name).toBe('pro')
    expect(complaints).toEqual([])
  })

  test('take a part of a paid invoice back with a credit note, and give its papers', async () => {
    const { page, complaints } = await open(`/ui/m/invoices/${invoices[0].id}`)
    const pdf = await page.getByRole('link', { name: 'PDF' }).getAttribute('href')
    expect((await (await page.request.get(pdf ?? '')).body()).subarray(0, 5).toString()).toBe('%PDF-')
    await page.getByRole('button', { name: 'Credit note' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Amount without tax, in USD').fill('1000.00')
    await dialog.getByLabel('Reason').fill('An outage')
    await dialog.getByRole('button', { name: 'Credit note' }).click()
    await dialog.getByText('cannot take back more than the invoice').waitFor()
    await dialog.getByLabel('Amount without tax, in USD').fill('4.50')
    await dialog.getByRole('button', { name: 'Credit note' }).click()
    await page.getByText('The credit note is issued.').first().waitFor()
    const { credited } = (await house.api('GET', `/api/invoices/${invoices[0].id}`)).body.data
    expect(credited).toBe(450)
    expect(complaints).toEqual([])
  })

  test('show what an endpoint was sent, and send it again under the same id', async () => {
    await house.api('POST', `/api/webhook_endpoints/${endpoint.id}/test`, {})
    await house.running.deliverWebhooks()
    const { page, complaints } = await open(`/ui/m/webhook_endpoints/${endpoint.id}`)
    const deliveries = page.getByRole('region', { name: 'Deliveries' })
    const row = deliveries.getByRole('row', { name: /webhook_endpoint\.test delivered 1 200/ })
    await row.getByRole('button', { name: 'Send again' }).click()
    await page.getByText('It is sent again, under the same id.').first().waitFor()
    await house.running.deliverWebhooks()
    await deliveries.getByRole('row', { name: /webhook_endpoint\.test delivered/ }).waitFor()
    const tests = receiver.seen.filter(({ body }) => body.includes('webhook_endpoint.test'))
    const ids = tests.map(({ headers }) => headers['webhook-id'])
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
    expect(complaints).toEqual([])
  })

  test('try a dead job again, and delete one only when its name is typed', async () => {
    const queue = house.running.house.jobs.queue
    const { capabilities } = house.running.house.providers
    for (const name of ['nobody.does', 'nobody.will']) {
      await queue.enqueue({ name, payload: {}, attempts: 1 })
      const taken = await capabilities.capability('queue').take({ names: [name] })
      const [job] = taken.ok ? (taken.value.jobs as { job_id: string; lease: string }[]) : []
      if (job !== undefined)
        await capabilities.capability('queue').fail({ job_id: job.job_id, lease: job.lease, error: 'no' })
    }
    const { page, complaints } = await open('/ui/jobs?state=dead')
    const first = page.getByRole('row', { name: /Nobody: does/ })
    const refusal = { success: false, error: { type: 'conflict', message: 'Another one has it.' } }
    await page.route('**/admin/jobs/*/retry', (asked) => asked.fulfill({ status: 409, json: refusal }))
    await first.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Another one has it.').first().waitFor()
    await first.getByText('dead').waitFor()
    await page.unroute('**/admin/jobs/*/retry')
    await first.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('The job is tried again.').first().waitFor()
    await page
      .getByRole('row', { name: /Nobody: will/ })
      .getByRole('button', { name: 'Delete' })
      .click()
    await page.getByLabel('Type nobody.will to confirm').fill('nobody.will')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('row', { name: /Nobody: will/ }).waitFor({ state: 'detached' })
    const names = async () => {
      const listed = await queue.list({ limit: 50 })
      return listed.ok ? listed.value.jobs.map(({ name }) => name) : []
    }
    await expect.poll(names).not.toContain('nobody.will')
    expect(complaints).toEqual([])
  })

  for (const [look, options] of looks)
    test(`have nothing that keeps people out, and fit, ${look}`, async () => {
      const { page, complaints } = await open('/ui', options)
      const records = [`m/invoices/${invoices[0].id}`, `m/webhook_endpoints/${endpoint.id}`]
      for (const path of ['', 'ledger?account=receivable', ...records]) {
        await page.goto(`/ui/${path}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('networkidle')
        await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
        await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
      }
      expect(complaints).toEqual([])
    })
})
