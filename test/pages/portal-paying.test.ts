import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemActor } from '#contract/actor.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { browserPath, isTooWide, openWindow, seriousProblems, startBrowser } from '#test/support/browser.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startStripe, stripeKey, stripeSecret, stripeSignature } from '#test/support/stripe-double.ts'

describe.skipIf(browserPath === undefined)('paying invoices in the pages of customers', () => {
  let house: TestHouse
  let browser: Browser
  let invoices = 0
  const signUp = visitors(
    () => browser,
    () => house,
  )
  beforeAll(async () => {
    house = await startHouse({ env: { PAYMENT_PROVIDER: 'dummy' } })
    await house.create('settings', { key: 'portal.base_url', value: house.url })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
  })

  /** An open invoice of 60.00 for somebody who signed up. */
  async function invoiceFor(
    email: string,
    before: (organizationId: string) => Promise<void> = async () => {},
  ): Promise<Rows['invoice']> {
    invoices += 1
    const { billing, engine } = house.running.house
    const user = await engine.records.getBy('user', 'email', email)
    const { items } = await engine.records.list('membership', {
      where: [{ field: 'user_id', op: 'eq', value: user?.id }],
    })
    const line = lineOf('USD', { kind: 'manual', description: '<b>Consulting</b>', amountMinor: 6000n })
    const organizationId = items[0]?.organization_id ?? ''
    await before(organizationId)
    const origin = `test:${invoices}`
    const order = { organizationId, kind: 'manual', origin, currency: 'USD', lines: [line] } as const
    const issued = await billing.issue(order)
    if (!issued.ok) throw new Error(issued.message)
    return issued.value.invoice
  }
  const statusOf = async ({ id }: Rows['invoice']) =>
    (await house.running.house.engine.records.get('invoice', id))?.status

  test('lead from an open invoice to the page of the provider, and back to the word that it is paid', async () => {
    const { page, complaints, email } = await signUp()
    const invoice = await invoiceFor(email)
    await page.goto('/portal')
    await page.getByRole('link', { name: 'See the invoice' }).click()
    await page.getByText('<b>Consulting</b>').waitFor()
    await page.getByRole('button', { name: 'Pay $60.00' }).click()
    await page.getByRole('heading', { name: '60.00 USD' }).waitFor()
    expect(await seriousProblems(page)).toEqual([])
    await page.getByRole('button', { name: 'Decline' }).click()
    await page.getByRole('alert').waitFor()
    expect(await statusOf(invoice)).toBe('open')
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await page.getByText('Paid. Thank you!').waitFor()
    expect(await statusOf(invoice)).toBe('paid')
    await page.getByRole('cell', { name: 'Test payment' }).waitFor()
    expect(await page.getByRole('button', { name: /^Pay/ }).count()).toBe(0)
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await isTooWide(page)).toBe(false)
    expect(await seriousProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('is taken back by an operator in part, only when the word is typed, and never beyond what was paid', async () => {
    const operator = { email: 'ops@example.com', password: 'correct horse battery' }
    await house.create('operators', { ...operator, name: 'Ada', role: 'billing' })
    const [payment] = (await house.api('GET', '/api/payments?status=succeeded')).body.data
    const { page, complaints } = await openWindow(browser, house.url)
    await page.goto(`/ui/m/payments/${payment.id}`)
    await page.getByLabel('E-mail').fill(operator.email)
    await page.getByLabel('Password').fill(operator.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Refund' }).click()
    const dialog = page.getByRole('dialog')
    const send = dialog.getByRole('button', { name: 'Refund' })
    await dialog.getByLabel('Amount').fill('60.01')
    expect(await send.isDisabled()).toBe(true)
    await dialog.getByLabel(/^Type .* to confirm/).fill('refund')
    await send.click()
    await dialog
      .getByText(/amount/i)
      .last()
      .waitFor()
    expect((await house.api('GET', '/api/refunds')).body.data).toEqual([])
    await dialog.getByLabel('Amount').fill('12.50')
    await dialog.getByLabel('Reason').fill('An outage')
    await send.click()
    await dialog.waitFor({ state: 'detached' })
    await house.running.settle()
    await page.getByRole('row', { name: /An outage \$12\.50/ }).waitFor()
    expect((await house.api('GET', `/api/payments/${payment.id}`)).body.data.refunded).toBe(1250)
    expect(complaints).toEqual([])
  })

  /** A card that is not the default pays nothing by itself, and what is chosen in the dialog at once. */
  async function payByKeptCard(page: Page, email: string): Promise<void> {
    const { engine } = house.running.house
    const invoice = await invoiceFor(email, async (organizationId) => {
      const { items } = await engine.records.list('payment_method', {
        where: [{ field: 'organization_id', op: 'eq', value: organizationId }],
      })
      const call = {
        actor: systemActor,
        requestId: 'test',
        module: 'payment_method',
        action: 'update',
      } as const
      const done = await engine.invoke({ ...call, id: items[0]?.id ?? '', input: { is_default: false } })
      expect(done.ok).toBe(true)
    })
    await house.running.settle()
    expect(await statusOf(invoice)).toBe('open')
    await page.goto(`/portal/invoices/${invoice.id}`)
    await page.getByRole('button', { name: 'Pay $60.00' }).click()
    expect(await seriousProblems(page)).toEqual([])
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^By .* ···· \d{4}$/ })
      .click()
    await page.getByText('Paid. Thank you!').first().waitFor()
    await page.getByRole('link', { name: 'Receipt' }).waitFor()
    expect(await statusOf(invoice)).toBe('paid')
    await page.goto('/portal/payment-methods')
    await page.getByRole('button', { name: 'Make it the default' }).click()
    await page.getByText('default', { exact: true }).waitFor()
  }

  test('keep the card that an invoice was paid by, which pays the next one by itself, and forget it', async () => {
    const { page, complaints, email } = await signUp()
    const invoice = await invoiceFor(email)
    await page.goto('/portal/payment-methods')
    await page.getByText('Nothing is kept yet').waitFor()
    await page.goto(`/portal/invoices/${invoice.id}`)
    await page.getByRole('button', { name: 'Pay $60.00' }).click()
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await page.getByText('Paid. Thank you!').waitFor()
    const next = await invoiceFor(email)
    await house.running.settle()
    await page.goto(`/portal/invoices/${next.id}`)
    await page.getByRole('link', { name: 'Receipt' }).waitFor()
    expect(await statusOf(next)).toBe('paid')
    await page.goto('/portal/payment-methods')
    await page.getByText('default', { exact: true }).waitFor()
    expect(await seriousProblems(page)).toEqual([])
    await payByKeptCard(page, email)
    await page.goto('/portal/payment-methods')
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await isTooWide(page)).toBe(false)
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Nothing is kept yet').waitFor()
    expect(complaints).toEqual([])
  })

  test('grant nothing for an address that says that it was paid, and wait for the word', async () => {
    const { page, email } = await signUp()
    const invoice = await invoiceFor(email)
    await page.goto(`/portal/invoices/${invoice.id}?payment=made`)
    await page.getByText('Waiting for the word of the payment provider.').waitFor()
    expect(await statusOf(invoice)).toBe('open')
    const { billing } = house.running.house
    const paidAtMs = Date.now()
    await billing.settle(invoice.id, {
      id: 'bank 1',
      provider: 'manual',
      amountMinor: 6000n,
      currency: 'USD',
      paidAtMs,
    })
    await page.getByText('Paid. Thank you!').waitFor()
  })

  test('let owners choose among providers, and follow Stripe over its page and its webhook', async () => {
    const stripe = await startStripe(frozenClock())
    const settings = {
      'payment.offered': 'stripe',
      'payment.stripe.api_key': stripeKey,
      'payment.stripe.base_url': stripe.url,
      'payment.stripe.allow_private': 'true',
      'payment.stripe.webhook_secret': stripeSecret,
    }
    for (const [key, value] of Object.entries(settings)) await house.create('settings', { key, value })
    const { page, complaints, email } = await signUp()
    const invoice = await invoiceFor(email)
    const back = `${house.url}/portal/invoices/${invoice.id}?payment=made`
    await page.route('https://checkout.stripe.com/**', (route) => {
      stripe.pay(new URL(route.request().url()).pathname.split('/').at(-1) ?? '')
      return route.fulfill({ contentType: 'text/html', body: `<a href="${back}">Done</a>` })
    })
    await page.goto('/portal/invoices')
    await page.getByRole('button', { name: 'Pay', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Card (Stripe)' }).click()
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByText('Waiting for the word of the payment provider.').waitFor()
    const { raw } = stripe.message('checkout.session.completed')
    const answer = await fetch(`${house.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': stripeSignature(raw, Date.now()) },
      body: raw,
    })
    expect(answer.status).toBe(200)
    await page.getByText('Paid. Thank you!').waitFor()
    expect(await statusOf(invoice)).toBe('paid')
    expect(complaints).toEqual([])
  })

  test('offer paying to owners alone', async () => {
    const { page, email } = await signUp()
    const invoice = await invoiceFor(email)
    const { engine } = house.running.house
    const user = await engine.records.getBy('user', 'email', email)
    const other = await signUp()
    const place = await engine.records.list('membership', {
      where: [{ field: 'user_id', op: 'eq', value: user?.id }],
    })
    const organizationId = place.items[0]?.organization_id
    const second = await engine.records.getBy('user', 'email', other.email)
    const membership = { organization_id: organizationId, user_id: second?.id, role: 'admin' }
    await house.create('memberships', membership)
    await other.page.evaluate(
      `fetch('/api/v1/organizations/${organizationId}/switch', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })`,
    )
    await other.page.goto(`/portal/invoices/${invoice.id}`)
    await other.page.getByText('Owners of the organization pay its invoices.').waitFor()
    expect(await other.page.getByRole('button', { name: /^Pay/ }).count()).toBe(0)
    await page.goto(`/portal/invoices/${invoice.id}`)
    await page.getByRole('button', { name: 'Pay $60.00' }).waitFor()
  })
})
