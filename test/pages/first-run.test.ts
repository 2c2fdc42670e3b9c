import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { browserPath, isTooWide, openWindow, seriousProblems, startBrowser } from '#test/support/browser.ts'
import { isOverHttps, pageTransport } from '#test/support/page-transport.ts'
import { visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

describe.skipIf(browserPath === undefined)('the first run', () => {
  let house: TestHouse
  let upstream: Server
  let browser: Browser
  beforeAll(async () => {
    house = await startHouse({ ...pageTransport, env: { ...pageTransport.env, PAYMENT_PROVIDER: 'dummy' } })
    upstream = createServer((request, response) => response.end(`orders at ${request.url}`))
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
    upstream?.closeAllConnections()
    await new Promise((resolve) => upstream?.close(resolve))
  })

  test('leads whoever opens a new instance from the setup token to a call that is counted', async () => {
    const { page, complaints } = await openWindow(browser, house.url, { isPhone: true })
    const address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
    await page.goto('/')
    await page.waitForURL(/\/ui\/setup$/)
    await page.getByLabel('Setup token').fill(` ${house.running.setupToken} `)
    await page.getByLabel('E-mail').fill('first@example.com')
    await page.getByLabel('Password').fill('correct horse battery')
    // The next page is on its way, and the form that was sent still stands there.
    const isOnTheWay = Promise.withResolvers<void>()
    await page.route('**/admin/me', async (asked) => {
      await isOnTheWay.promise
      await asked.continue()
    })
    await page.getByRole('button', { name: 'Set up APIGate' }).click()
    await page.waitForURL(/\/ui\/start$/)
    await expect.poll(() => page.getByLabel('Your name').isEditable()).toBe(false)
    isOnTheWay.resolve()

    await page.getByLabel('Name', { exact: true }).fill('Orders')
    await page.getByLabel('Address').fill('http://127.0.0.1:1')
    await page.getByRole('button', { name: 'Test the address' }).click()
    await page.getByText('does not accept connections').waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.getByLabel('Address').fill(address)
    await page.getByRole('button', { name: 'Test the address' }).click()
    await page.getByText('status 200').waitFor()
    await page.getByRole('button', { name: 'Connect' }).click()

    await page.getByText(`/orders/orders → ${address}/orders`).waitFor()
    await page.getByRole('button', { name: 'Make the route' }).click()
    await page.getByRole('button', { name: 'Make a plan' }).click()
    await page.getByLabel('Name', { exact: true }).fill('basic')
    for (const price of ['19.505', '19.50']) {
      await page.getByLabel('Price a month').fill(price)
      await page.getByRole('button', { name: 'Make a plan' }).click()
      if (price === '19.505') await page.getByText('Write an amount').waitFor()
    }
    await page.getByLabel('Customer').fill('Acme')
    await page.getByRole('button', { name: 'Make the customer and its key' }).click()
    await page.getByRole('button', { name: 'Send the call' }).waitFor()
    // Loaded again, the page knows the customer, of which there is not to be a second; its key is gone.
    await page.reload()
    await page.getByText('Acme is there already').waitFor()
    await expect.poll(() => page.getByLabel('Customer').count()).toBe(0)
    await page.getByRole('button', { name: 'Make a new key' }).click()

    await page.getByRole('button', { name: 'Send the call' }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await expect.poll(() => isTooWide(page)).toBe(false)
    await page.getByRole('button', { name: 'Send the call' }).click()
    await page.getByText('every one is counted').waitFor()
    expect((await house.usageEvents()).map(({ path, status }) => [path, status])).toEqual([['/orders/', 200]])
    expect((await house.api('GET', '/api/organizations?name=Acme')).body.data).toHaveLength(1)
    const [sold] = (await house.api('GET', '/api/subscriptions')).body.data
    const { data: plan } = (await house.api('GET', `/api/plans/${sold.plan_id}`)).body
    expect(plan).toMatchObject({ name: 'basic', price_monthly: 1950, currency: 'USD' })
    expect(complaints).toEqual([])
  })

  test('is over once there is an operator: the first page is the landing page again', async () => {
    const { page } = await openWindow(browser, house.url)
    await page.goto('/')
    expect(new URL(page.url()).pathname).toBe('/')
    await page.goto('/ui/setup')
    await page.waitForURL(/\/ui\/sign-in/)
  })

  const signUp = visitors(
    () => browser,
    () => house,
  )

  // Over HTTP these journeys have files of their own; here it is what lies below them that differs: cookies, sockets, ways back.
  test.runIf(isOverHttps)(
    'shows requests as they arrive over a secure socket, and an invoice is paid',
    async () => {
      await house.create('settings', { key: 'portal.base_url', value: house.url })
      const customer = await signUp()
      const user = await house.api('GET', `/api/users/${customer.email}`)
      const made = await house.create('api_keys', { user_id: user.body.data.id, name: 'first' })
      const organizationId: string = made.organization_id
      const operator = await openWindow(browser, house.url)
      const sockets: string[] = []
      operator.page.on('websocket', (socket) => sockets.push(socket.url()))
      await operator.page.goto('/ui')
      await operator.page.getByLabel('E-mail').fill('first@example.com')
      await operator.page.getByLabel('Password').fill('correct horse battery')
      await operator.page.getByRole('button', { name: 'Sign in', exact: true }).click()
      const feed = operator.page.getByRole('list', { name: 'Live requests' })
      await expect
        .poll(async () => {
          await fetch(`${house.url}/orders/live`, { headers: { authorization: `Bearer ${made.key}` } })
          return feed.getByText('/orders/live').count()
        })
        .toBeGreaterThan(0)
      expect(new Set(sockets.map((address) => new URL(address).protocol))).toEqual(new Set(['wss:']))

      const line = lineOf('USD', { kind: 'manual', description: 'Consulting', amountMinor: 6000n })
      const order = {
        organizationId,
        kind: 'manual',
        origin: 'test:1',
        currency: 'USD',
        lines: [line],
      } as const
      expect((await house.running.house.billing.issue(order)).ok).toBe(true)
      const { page } = customer
      await page.goto('/portal')
      await page.getByRole('link', { name: 'See the invoice' }).click()
      await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
      await page.getByRole('button', { name: 'Pay 60.00 USD' }).click()
      await page.getByText('Paid. Thank you!').waitFor()
      const cookies = await customer.context.cookies()
      expect(cookies.map(({ secure }) => secure)).toEqual(cookies.map(() => true))
      expect(cookies.length).toBeGreaterThan(0)
      expect([...customer.complaints, ...operator.complaints]).toEqual([])
    },
  )
})
