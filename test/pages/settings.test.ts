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
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

const operator = { email: 'ops@example.com', password: 'correct horse battery' }

describe.skipIf(browserPath === undefined)('the page of settings', () => {
  let house: TestHouse
  let browser: Browser
  let cookies: Awaited<ReturnType<Window['context']['cookies']>>
  beforeAll(async () => {
    house = await startHouse()
    await house.create('operators', { ...operator, name: 'Ada', role: 'superadmin' })
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
  const stored = async (key: string) =>
    (await house.api('GET', `/api/settings?key=${key}`)).body.data[0]?.value as string | undefined

  test('says what each does and its default, finds it by a word, saves it, takes it back, and keeps the search in the address', async () => {
    const { page, complaints } = await open('/ui/settings')
    await page.getByLabel('Find a setting').fill('invoices begin')
    await page.waitForURL(/q=invoices/)
    const prefix = page.getByLabel('Prefix of invoices')
    await expect.poll(() => prefix.inputValue()).toBe('INV')
    await prefix.fill('rechnung')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('must be capital letters and digits').waitFor()
    await expect.poll(() => prefix.inputValue()).toBe('rechnung')
    expect(await stored('billing.invoice_prefix')).toBeUndefined()
    await prefix.fill('RE')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved: Prefix of invoices').first().waitFor()
    expect(await stored('billing.invoice_prefix')).toBe('RE')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Back to the default: Prefix of invoices').first().waitFor()
    expect(await stored('billing.invoice_prefix')).toBeUndefined()
    expect(complaints).toEqual([])
  })

  test('names each in words and by its key, and is found by either', async () => {
    const { page, complaints } = await open('/ui/settings?q=billing.invoice_prefix')
    await page.getByText('Prefix of invoices', { exact: true }).waitFor()
    await page.getByText('billing.invoice_prefix', { exact: true }).waitFor()
    await page.getByLabel('Find a setting').fill('prefix of keys')
    await page.getByText('auth.key_prefix', { exact: true }).waitFor()
    await page.getByText('Prefix of invoices', { exact: true }).waitFor({ state: 'detached' })
    const { body } = await house.api('GET', '/admin/settings')
    for (const { key, title, group } of body.data)
      if (group !== 'other') expect(title, key).toMatch(/^[A-Z][^_.]{3,40}$/)
    expect(complaints).toEqual([])
  })

  test('switches at once, and shows again what was when the server refuses', async () => {
    const { page, complaints } = await open('/ui/settings?q=registration')
    await page.getByLabel('auth.registration').selectOption('closed')
    await page.getByText('Saved: Registration').first().waitFor()
    expect(await stored('auth.registration')).toBe('closed')
    await page.route('**/api/settings/*', (route) =>
      route.fulfill({ status: 500, json: { error: { type: 'internal_error', message: 'No room left' } } }),
    )
    await page.getByLabel('auth.registration').selectOption('open')
    await page.getByText('No room left').waitFor()
    await expect.poll(() => page.getByLabel('auth.registration').inputValue()).toBe('closed')
    expect(complaints.filter((words) => !words.includes('500'))).toEqual([])
  })

  test('never shows a secret, and forgets one only when its name is typed', async () => {
    await house.create('settings', { key: 'email.sendgrid.api_key', secret_value: 'SG.hidden' })
    const { page, complaints } = await open('/ui/settings?q=sendgrid')
    await page.getByText('A secret is stored. It is never shown.').waitFor()
    await expect.poll(() => page.content()).not.toContain('SG.hidden')
    await page.getByRole('button', { name: 'Take away' }).click()
    await page.getByLabel('Type email.sendgrid.api_key to confirm').fill('email.sendgrid.api_key')
    await page.getByRole('dialog').getByRole('button', { name: 'Take away' }).click()
    await page.getByText('No setting is like that.').waitFor()
    expect((await house.api('GET', '/api/settings?key=email.sendgrid.api_key')).body.data).toEqual([])
    expect(complaints).toEqual([])
  })

  for (const [look, options] of looks)
    test(`has nothing that keeps people out, and fits, ${look}`, async () => {
      const { page, complaints } = await open('/ui/settings', options)
      await page.getByLabel('brand.name').waitFor()
      await expect.poll(() => seriousProblems(page)).toEqual([])
      await expect.poll(() => isTooWide(page)).toBe(false)
      expect(complaints).toEqual([])
    })
})
