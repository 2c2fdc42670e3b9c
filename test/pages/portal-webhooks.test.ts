import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath, isTooWide, looks, seriousProblems, startBrowser } from '#test/support/browser.ts'
import { visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { isSigned } from '../webhooks/webhook-house.ts'

describe.skipIf(browserPath === undefined)('webhooks and the audit log in the pages of customers', () => {
  let house: TestHouse
  let receiver: Upstream
  let browser: Browser
  const signUp = visitors(
    () => browser,
    () => house,
  )
  beforeAll(async () => {
    house = await startHouse()
    await house.create('settings', { key: 'webhooks.allow_private', value: 'true' })
    receiver = await startUpstream()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
    await receiver?.close()
  })

  /** Adds an endpoint through the page, and answers the secret that is shown. */
  const addEndpoint = async (page: Page): Promise<string> => {
    await page.goto('/portal/webhooks')
    await page.getByRole('button', { name: 'New endpoint' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address').fill(`${receiver.url}/hooks`)
    await dialog.getByLabel('Events').fill('webhook_endpoint.*\napi_key.*')
    await dialog.getByRole('button', { name: 'Create' }).click()
    const secret = page.getByRole('dialog').locator('pre')
    await secret.filter({ hasText: /^whsec_/ }).waitFor()
    const shown = (await secret.textContent())?.trim() ?? ''
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('button', { name: 'Send a test event' }).waitFor()
    return shown
  }

  test('show the secret of an endpoint once, and what it was sent, which can be sent again', async () => {
    const { page, complaints } = await signUp()
    const secret = await addEndpoint(page)
    await page.getByRole('button', { name: 'Send a test event' }).click()
    const row = page.getByRole('row', { name: 'webhook_endpoint.test' })
    await row.getByText('delivered').waitFor()
    const [first] = receiver.seen.filter(({ body }) => body.includes('webhook_endpoint.test'))
    expect(first !== undefined && isSigned(first, secret)).toBe(true)
    const before = receiver.seen.length
    await row.getByRole('button', { name: 'Send again: webhook_endpoint.test' }).click()
    await row.getByText('delivered').waitFor()
    await expect.poll(() => receiver.seen.length).toBe(before + 1)
    await page.reload()
    await page.getByRole('button', { name: 'Send a test event' }).waitFor()
    await expect.poll(() => page.getByText(secret).count()).toBe(0)
    await page.getByLabel('State').selectOption('failed')
    await page.waitForURL(/state=failed/)
    await page.getByText('None in this state.').waitFor()
    expect(complaints).toEqual([])
  })

  test('replace a secret, pause, and delete an endpoint after its host was typed', async () => {
    const { page } = await signUp()
    const secret = await addEndpoint(page)
    await page.getByRole('button', { name: 'New secret' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click()
    const shown = page.getByRole('dialog').locator('pre')
    await shown.filter({ hasText: /^whsec_/ }).waitFor()
    await expect.poll(() => shown.textContent()).not.toContain(secret)
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.getByText('The former secret signs, too').waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused. What happens waits').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Send a test event' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Delete' }).click()
    const { host } = new URL(receiver.url)
    await page.getByLabel(`Type ${host} to confirm`).fill(host)
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No endpoint yet').waitFor()
  })

  test('say at the field what is wrong with an endpoint', async () => {
    const { page } = await signUp()
    await page.goto('/portal/webhooks')
    await page.getByRole('button', { name: 'New endpoint' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address').fill('ftp://example.com')
    await dialog.getByLabel('Events').fill('Everything!')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByText('Must be event types like').waitFor()
    await dialog.getByText(/Must be an https?/).waitFor()
    await expect.poll(() => dialog.getByLabel('Address').inputValue()).toBe('ftp://example.com')
  })

  test('tell owners who did what, by an address that keeps the filters', async () => {
    const { page, complaints } = await signUp()
    await addEndpoint(page)
    await page.goto('/portal/audit')
    await page.getByRole('row', { name: 'Organization made' }).waitFor()
    // Words and names, in the list and in what is opened of it: no name of data, no id.
    await page.getByRole('row', { name: /Member joined Ada/ }).waitFor()
    await expect.poll(() => page.getByRole('table').textContent()).not.toMatch(/[a-z]_[a-z\d]/)
    await page.getByLabel('What').selectOption('Webhook endpoint added')
    await page.waitForURL(/action=webhook_endpoint\.create/)
    await page.getByRole('row', { name: 'Organization made' }).waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('row', { name: 'Webhook endpoint added' }).click()
    await page
      .getByRole('dialog')
      .getByRole('cell', { name: `${receiver.url}/hooks` })
      .waitFor()
    await page.keyboard.press('Escape')
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download as CSV' }).click()
    expect((await download).suggestedFilename()).toBe('audit.csv')
    await page.goto('/portal/audit?action=never.happened')
    await page.getByText('Nothing matches these filters.').waitFor()
    expect(complaints).toEqual([])
  })

  for (const [look, options] of looks)
    test(`have nothing that keeps people out, and fit, ${look}`, async () => {
      const { page } = await signUp(options)
      await addEndpoint(page)
      const endpoint = new URL(page.url()).pathname
      await page.getByRole('button', { name: 'Send a test event' }).click()
      await page.getByRole('row', { name: 'webhook_endpoint.test' }).getByText('delivered').waitFor()
      for (const path of [endpoint, '/portal/webhooks', '/portal/audit']) {
        await page.goto(path)
        await page.getByRole('row').nth(1).waitFor()
        await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
        await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
      }
    })
})
