import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath, isTooWide, openWindow, seriousProblems, startBrowser } from '#test/support/browser.ts'
import { pageTransport } from '#test/support/page-transport.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

describe.skipIf(browserPath === undefined)('the first run', () => {
  let house: TestHouse
  let upstream: Server
  let browser: Browser
  beforeAll(async () => {
    house = await startHouse(pageTransport)
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
    await page.getByLabel('Setup token').fill(house.running.setupToken ?? '')
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
    expect(await page.getByLabel('Your name').isEditable()).toBe(false)
    isOnTheWay.resolve()

    await page.getByLabel('Name', { exact: true }).fill('Orders')
    await page.getByLabel('Address').fill('http://127.0.0.1:1')
    await page.getByRole('button', { name: 'Test the address' }).click()
    await page.getByText('does not accept connections').waitFor()
    expect(await seriousProblems(page)).toEqual([])
    await page.getByLabel('Address').fill(address)
    await page.getByRole('button', { name: 'Test the address' }).click()
    await page.getByText('status 200').waitFor()
    await page.getByRole('button', { name: 'Connect' }).click()

    await page.getByText(`/orders/orders → ${address}/orders`).waitFor()
    await page.getByRole('button', { name: 'Make the route' }).click()
    await page.getByRole('button', { name: /starter/ }).click()
    await page.getByLabel('Customer').fill('Acme')
    await page.getByRole('button', { name: 'Make the customer and its key' }).click()

    await page.getByRole('button', { name: 'Send the call' }).waitFor()
    expect(await seriousProblems(page)).toEqual([])
    expect(await isTooWide(page)).toBe(false)
    await page.getByRole('button', { name: 'Send the call' }).click()
    await page.getByText('every one is counted').waitFor()
    expect((await house.usageEvents()).map(({ path, status }) => [path, status])).toEqual([['/orders/', 200]])
    const [sold] = (await house.api('GET', '/api/subscriptions')).body.data
    expect((await house.api('GET', `/api/plans/${sold.plan_id}`)).body.data.name).toBe('starter')
    expect(complaints).toEqual([])
  })

  test('is over once there is an operator: the first page is the landing page again', async () => {
    const { page } = await openWindow(browser, house.url)
    await page.goto('/')
    expect(new URL(page.url()).pathname).toBe('/')
  })
})
