import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemActor } from '#contract/actor.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { lineOf } from '#domain/billing/invoice-line.ts'
import {
  browserPath,
  byPlainName,
  isTooWide,
  openWindow,
  seriousProblems,
  startBrowser,
} from '#test/support/browser.ts'
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

  const organizationOf = async (email: string): Promise<string> => {
    const { records } = house.running.house.engine
    const user = await records.getBy('user', 'email', email)
    const where = [{ field: 'user_id', op: 'eq', value: user?.id }] as const
    return (await records.list('membership', { where })).items[0]?.organization_id ?? ''
  }

  /** An open invoice of 60.00 for somebody who signed up. */
  async function invoiceFor(
    email: string,
    before: (organizationId: string) => Promise<void> = async () => {},
  ): Promise<Rows['invoice']> {
    invoices += 1
    const { billing } = house.running.house
    const line = lineOf('USD', { kind: 'manual', description: '<b>Consulting</b>', amountMinor: 6000n })
    const organizationId = await organizationOf(email)
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
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await page.getByRole('heading', { name: '60.00 USD' }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.getByRole('button', { name: 'Decline' }).click()
    await page.getByRole('alert').waitFor()
    await expect.poll(() => statusOf(invoice)).toBe('open')
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await page.getByText('Paid. Thank you!').waitFor()
    await expect.poll(() => statusOf(invoice)).toBe('paid')
    await page.getByRole('cell', { name: 'Test payment' }).waitFor()
    await expect.poll(() => page.getByRole('button', { name: /^Pay/ }).count()).toBe(0)
    await page.setViewportSize({ width: 360, height: 740 })
    await expect.poll(() => isTooWide(page)).toBe(false)
    await expect.poll(() => seriousProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('is taken back by an operator in part, only when the word is typed, and never beyond what was paid', async () => {
    const operator = { email: 'ops@example.com', password: 'correct horse battery' }
    await house.create('operators', { ...operator, name: 'Ada', role: 'billing' })
    const buyer = await signUp()
    const invoice = await invoiceFor(buyer.email)
    await buyer.page.goto(`/portal/invoices/${invoice.id}`)
    await buyer.page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await buyer.page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await buyer.page.getByText('Paid. Thank you!').waitFor()
    const paid = `/api/payments?status=succeeded&invoice_id=${invoice.id}`
    const [payment] = (await house.api('GET', paid)).body.data
    // Where there is no HTTPS, browsers have neither a clipboard nor names of their own making.
    const { page, complaints } = await openWindow(browser, byPlainName(house.url))
    await page.goto(`/ui/m/payments/${payment.id}`)
    await page.getByLabel('E-mail').fill(operator.email)
    await page.getByLabel('Password').fill(operator.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    // The click ends with the prompt that it opens.
    const [prompt] = await Promise.all([
      page.waitForEvent('dialog').then(async (opened) => {
        await opened.dismiss()
        return opened.defaultValue()
      }),
      page.getByRole('button', { name: 'Copy' }).first().click(),
    ])
    expect(prompt).toBe(payment.id)
    await page.getByRole('button', { name: 'Refund' }).click()
    const dialog = page.getByRole('dialog')
    const send = dialog.getByRole('button', { name: 'Refund' })
    await dialog.getByLabel('Amount').fill('60.01')
    await expect.poll(() => send.isDisabled()).toBe(true)
    await dialog.getByLabel(/^Type .* to confirm/).fill('refund')
    await send.click()
    await dialog
      .getByText(/amount/i)
      .last()
      .waitFor()
    const refunds = `/api/refunds?payment_id=${payment.id}`
    expect((await house.api('GET', refunds)).body.data).toEqual([])
    await dialog.getByLabel('Amount').fill('12.50')
    await dialog.getByLabel('Reason').fill('An outage')
    await send.click()
    await dialog.waitFor({ state: 'detached' })
    await house.running.settle()
    await page.getByRole('row', { name: /An outage 12\.50 USD/ }).waitFor()
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
    await expect.poll(() => statusOf(invoice)).toBe('open')
    await page.goto(`/portal/invoices/${invoice.id}`)
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^By .* ···· \d{4}$/ })
      .click()
    await page.getByText('Paid. Thank you!').first().waitFor()
    await page.getByRole('link', { name: 'Receipt' }).waitFor()
    await expect.poll(() => statusOf(invoice)).toBe('paid')
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
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
    await page.getByText('Paid. Thank you!').waitFor()
    const next = await invoiceFor(email)
    await house.running.settle()
    await page.goto(`/portal/invoices/${next.id}`)
    await page.getByRole('link', { name: 'Receipt' }).waitFor()
    await expect.poll(() => statusOf(next)).toBe('paid')
    await page.goto('/portal/payment-methods')
    await page.getByText('default', { exact: true }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await payByKeptCard(page, email)
    await page.goto('/portal/payment-methods')
    await page.setViewportSize({ width: 360, height: 740 })
    await expect.poll(() => isTooWide(page)).toBe(false)
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Nothing is kept yet').waitFor()
    expect(complaints).toEqual([])
  })

  test('add a card before anything is owed, and pay the first invoice by it', async () => {
    const { page, complaints, email } = await signUp()
    await page.goto('/portal/payment-methods')
    await page.getByRole('button', { name: 'Add a card' }).click()
    await page.getByRole('heading', { name: 'Leave a test card' }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.getByRole('button', { name: 'Leave the card 4242' }).click()
    await page.waitForURL(/\/portal\/payment-methods\?card=left$/)
    await page.getByText('default', { exact: true }).waitFor()
    const invoice = await invoiceFor(email)
    await house.running.settle()
    await expect.poll(() => statusOf(invoice)).toBe('paid')
    expect(complaints).toEqual([])
  })

  test('buy credit once, also when the answer is lost and somebody presses again', async () => {
    const { page, email } = await signUp()
    await page.goto('/portal/billing')
    await page.getByLabel('Amount').fill('25')
    let isLost = true
    const keys = new Set<string | undefined>()
    await page.route('**/api/v1/billing/credits', async (route) => {
      keys.add(route.request().headers()['idempotency-key'])
      const response = await route.fetch()
      await (isLost ? route.abort() : route.fulfill({ response }))
    })
    const buy = page.getByRole('button', { name: 'Buy' })
    await buy.click()
    await page.getByRole('alert').waitFor()
    isLost = false
    await buy.click()
    await page.waitForURL(/\/portal\/invoices\/inv_/)
    await page.getByRole('button', { name: 'Pay 25.00 USD' }).waitFor()
    expect(keys.size).toBe(1)
    const own = `/api/invoices?organization_id=${await organizationOf(email)}`
    expect((await house.api('GET', own)).body.data).toHaveLength(1)
  })

  test('grant nothing for an address that says that it was paid, and wait for the word', async () => {
    const { page, email } = await signUp()
    const invoice = await invoiceFor(email)
    await page.goto(`/portal/invoices/${invoice.id}?payment=made`)
    await page.getByText('Waiting for the word of the payment provider.').waitFor()
    await expect.poll(() => statusOf(invoice)).toBe('open')
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
    await expect.poll(() => statusOf(invoice)).toBe('paid')
    expect(complaints).toEqual([])
  })

  test('offer paying to owners alone', async () => {
    const { page, email } = await signUp()
    const invoice = await invoiceFor(email)
    const { engine } = house.running.house
    const other = await signUp()
    const organizationId = await organizationOf(email)
    const second = await engine.records.getBy('user', 'email', other.email)
    const membership = { organization_id: organizationId, user_id: second?.id, role: 'admin' }
    await house.create('memberships', membership)
    await other.page.evaluate(
      `fetch('/api/v1/organizations/${organizationId}/switch', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })`,
    )
    await other.page.goto(`/portal/invoices/${invoice.id}`)
    await other.page.getByText('Owners of the organization pay its invoices.').waitFor()
    await expect.poll(() => other.page.getByRole('button', { name: /^Pay/ }).count()).toBe(0)
    await page.goto(`/portal/invoices/${invoice.id}`)
    await page.getByRole('button', { name: 'Pay 60.00 USD' }).waitFor()
  })
})
