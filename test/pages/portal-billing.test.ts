import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath, isTooWide, seriousProblems, startBrowser } from '#test/support/browser.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { signInAs, visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

describe.skipIf(browserPath === undefined)('plans and invoices in the pages of customers', () => {
  const clock = frozenClock('2026-11-16T00:00:00.000Z')
  let house: TestHouse
  let upstream: Upstream
  let browser: Browser
  let routeId: string
  const signUp = visitors(
    () => browser,
    () => house,
  )
  beforeAll(async () => {
    house = await startHouse({ clock })
    upstream = await startUpstream()
    const target = await house.create('upstreams', { name: 'weather', base_url: upstream.url })
    const route = { name: 'weather', path_pattern: '/*', upstream_id: target.id }
    routeId = (await house.create('routes', route)).id
    const more = { rate_limit_per_minute: 1_000, quota_mode: 'soft', overage_unit_price: '0.50' }
    await house.create('plans', {
      name: 'basic',
      price_monthly: 1000,
      requests_per_month: 5,
      is_default: true,
      ...more,
    })
    await house.create('plans', { name: 'big', price_monthly: 5000, requests_per_month: 100, ...more })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
    await upstream?.close()
  })

  test('lead from a quota that is nearly used to another plan, at the price that was shown', async () => {
    const { page, complaints } = await signUp()
    const made = await page.evaluate<string>(
      `fetch('/api/v1/keys', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"app"}' })
        .then((answer) => answer.json()).then(({ data }) => data.key)`,
    )
    const use = async (times: number): Promise<void> => {
      for (let call = 0; call < times; call += 1)
        await fetch(`${house.url}/now`, { headers: { authorization: `Bearer ${made}` } })
      await house.running.drainUsage()
    }
    await use(4)
    await page.goto('/portal')
    await page.getByText('80 % of the included use').waitFor()
    await use(2)
    await page.reload()
    await page.getByText('is used up for this month').waitFor()
    await page.getByRole('link', { name: 'See plans' }).click()
    await page.getByText('6 of 5 included').waitFor()
    await page.getByRole('button', { name: 'Change to big' }).click()
    const dialog = page.getByRole('dialog')
    // The first period began with the subscription, so that all of it is left.
    await dialog.getByText('-10.00 USD').waitFor()
    await dialog.getByText('40.00 USD').waitFor()
    await dialog.getByRole('button', { name: 'Change the plan' }).click()
    await page.getByText('6 of 100 included').waitFor()
    await page.getByRole('button', { name: 'Change to basic' }).click()
    await dialog.getByText('It begins with the next period.').waitFor()
    await dialog.getByRole('button', { name: 'Change the plan' }).click()
    await page.getByText('Changes to basic with the next period.').waitFor()
    await page.getByRole('button', { name: 'Keep the plan' }).click()
    await page.getByText('Changes to basic').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  test('set a cap on spending to the cent, and refuse what is no amount at its field', async () => {
    const { page } = await signUp()
    await page.goto('/portal/plan')
    await page.getByLabel('Cap (USD)').fill('much')
    await page.getByRole('button', { name: 'Set the cap' }).click()
    await page.getByText('Must be an amount such as').waitFor()
    await page.getByLabel('Cap (USD)').fill('49.90')
    await page.getByRole('button', { name: 'Set the cap' }).click()
    await page.getByText('0.00 USD of 49.90 USD', { exact: true }).waitFor()
  })

  test('bound a key by requests and by cost, and say at the field that a bound is looser than the plan', async () => {
    const { page } = await signUp()
    await page.evaluate(
      `fetch('/api/v1/keys', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"app"}' })`,
    )
    await page.goto('/portal/keys')
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Limits' }).click()
    await dialog.getByLabel('Requests a minute').fill('100000')
    await dialog.getByLabel('Cap on its spending').fill('7.50')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Is looser than the plan').waitFor()
    await dialog.getByLabel('Requests a minute').fill('10')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('button', { name: 'Limits' }).click()
    await dialog.getByLabel('Requests a minute').waitFor()
    await expect.poll(() => dialog.getByLabel('Requests a minute').inputValue()).toBe('10')
    await expect.poll(() => dialog.getByLabel('Cap on its spending').inputValue()).toBe('7.50')
  })

  test('set an alert on one key, say at the field what is no amount, keep what was typed, and remove it again', async () => {
    const { page, complaints } = await signUp()
    await page.evaluate(
      `fetch('/api/v1/keys', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"<img src=x onerror=alert(1)>"}' })`,
    )
    await page.goto('/portal/alerts')
    await page.getByText('No alert yet').waitFor()
    await page.getByRole('button', { name: 'New alert' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Looks at').selectOption({ label: 'Key <img src=x onerror=alert(1)>' })
    await dialog.getByLabel('Counts').selectOption('spend')
    await dialog.getByLabel('Amount a month').fill('some')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByText('Must be an amount such as').waitFor()
    await expect.poll(() => dialog.getByLabel('Amount a month').inputValue()).toBe('some')
    await dialog.getByLabel('Amount a month').fill('49.90')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await page.getByText('Key <img src=x onerror=alert(1)>').waitFor()
    await page.getByText('0.00 USD of 49.90 USD', { exact: true }).waitFor()
    await page.setViewportSize({ width: 360, height: 740 })
    await expect.poll(() => isTooWide(page)).toBe(false)
    await expect.poll(() => seriousProblems(page)).toEqual([])
    // It goes at once, comes back with the reason where the server refuses, and again where that was not meant.
    const refusal = { success: false, error: { type: 'conflict', message: 'Not now' } }
    let isHeld = true
    await page.route('**/api/budget_alerts/*', async (route) => {
      if (!isHeld) return route.continue()
      await page.getByText('No alert yet').waitFor()
      await route.fulfill({ status: 409, json: refusal })
    })
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Not now').first().waitFor()
    await page.getByText('0.00 USD of 49.90 USD', { exact: true }).waitFor()
    isHeld = false
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No alert yet').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Key <img src=x onerror=alert(1)>').waitFor()
    await page.getByText('0.00 USD of 49.90 USD', { exact: true }).waitFor()
    expect(complaints).toEqual([])
  })

  test('show every cap beside the alerts, change that of a key there, and remove that of a route until it is wanted again', async () => {
    const { page, complaints } = await signUp()
    await page.evaluate(
      `const send = (method, path, body) => fetch(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      send('POST', '/api/v1/keys', { name: 'app' })
        .then((answer) => answer.json())
        .then(({ data }) => send('PATCH', '/api/v1/keys/' + data.id, { spend_cap: 750 }))
        .then(() => send('POST', '/api/route_caps', { route_id: '${routeId}', cap: 1200 }))`,
    )
    await page.goto('/portal/alerts')
    await page.getByText('0.00 USD so far, no cap').waitFor()
    await page.getByText('0.00 USD of 12.00 USD', { exact: true }).waitFor()
    const ofKey = page.getByRole('listitem').filter({ hasText: 'At most 7.50 USD a month' })
    await ofKey.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('dialog').getByLabel('Cap on its spending').fill('9')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByText('At most 9.00 USD a month').waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('0.00 USD of 12.00 USD', { exact: true }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('0.00 USD of 12.00 USD', { exact: true }).waitFor()
    await page.setViewportSize({ width: 360, height: 740 })
    await expect.poll(() => isTooWide(page)).toBe(false)
    await expect.poll(() => seriousProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('cancel a subscription until it is resumed', async () => {
    const { page } = await signUp()
    await page.goto('/portal/plan')
    await page.getByRole('button', { name: 'Cancel the subscription' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the subscription' }).click()
    await page.getByText('Served until').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('The period ends').waitFor()
  })

  test('show an invoice with its lines, its sums and the proof of its use, and fit', async () => {
    const { page, complaints, email } = await signUp()
    await page.goto('/portal/invoices')
    await page.getByText('No invoice yet').waitFor()
    clock.set('2026-12-10T00:00:00.000Z')
    await house.running.house.billing.run()
    await page.reload()
    await signInAs(page, email)
    await page.getByRole('button', { name: 'Export' }).click()
    const table = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'Invoices', exact: true }).click()
    expect((await table).suggestedFilename()).toMatch(/^invoices-.*\.csv$/)
    await page.getByRole('row').nth(1).click()
    await page.getByRole('cell', { name: 'Base fee' }).waitFor()
    await page.getByText('10.00 USD').first().waitFor()
    await page.getByText('SHA-256').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Lines as CSV' }).click()
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
    const paper = page.waitForEvent('download')
    await page.getByRole('link', { name: 'PDF' }).click()
    expect((await paper).suggestedFilename()).toMatch(/^INV-.*\.pdf$/)
    await page.getByRole('button', { name: 'Check in this browser' }).click()
    await page.getByText('The events have this digest.').waitFor()
    await page.getByRole('button', { name: 'Verify', exact: true }).click()
    await page.getByText('It comes out the same, to the smallest unit.').waitFor()
    await page.setViewportSize({ width: 360, height: 740 })
    for (const path of [new URL(page.url()).pathname, '/portal/invoices', '/portal/plan']) {
      await page.goto(path)
      await page.waitForLoadState('networkidle')
      await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
      await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
    }
    expect(complaints).toEqual([])
  })
})
