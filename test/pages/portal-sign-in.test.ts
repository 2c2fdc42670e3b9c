import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath, isTooWide, openWindow, seriousProblems, startBrowser } from '#test/support/browser.ts'
import { type OpenIdProvider, startOpenIdProvider } from '#test/support/open-id-provider.ts'
import { portalPassword, visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

describe.skipIf(browserPath === undefined)('ways to sign in in the pages of customers', () => {
  let house: TestHouse
  let provider: OpenIdProvider
  let browser: Browser
  const signUp = visitors(
    () => browser,
    () => house,
  )
  beforeAll(async () => {
    provider = await startOpenIdProvider()
    house = await startHouse({
      env: {
        OAUTH_OIDC_ENABLED: 'true',
        OAUTH_OIDC_CLIENT_ID: provider.clientId,
        OAUTH_OIDC_CLIENT_SECRET: provider.clientSecret,
      },
    })
    for (const [key, value] of [
      ['portal.base_url', house.url],
      ['oauth.oidc.issuer', provider.issuer],
      ['oauth.oidc.allow_private', 'true'],
    ])
      await house.create('settings', { key, value })
    provider.open([`${house.url}/api/v1/auth/oauth/oidc/callback`])
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
    await provider?.close()
  })

  test('lead through a provider to the page that one wanted', async () => {
    provider.be({ sub: 'grace', email: 'grace@example.com', email_verified: true, name: 'Grace' })
    const { page, complaints } = await openWindow(browser, house.url)
    await page.goto('/portal/sign-up')
    await page.getByRole('link', { name: /^Continue with / }).waitFor()
    await page.goto('/portal/team')
    await page.getByRole('link', { name: /^Continue with / }).click()
    await page.waitForURL(`${house.url}/portal/team`)
    await page.getByText('grace@example.com').first().waitFor()
    await page.goto('/portal/sign-in?next=/portal/keys')
    await page.getByText('You are signed in as grace@example.com already.').waitFor()
    await page.getByRole('link', { name: 'Go to the portal' }).click()
    await page.waitForURL(`${house.url}/portal/keys`)
    expect(complaints).toEqual([])
  })

  test('say under the name of the brand what went wrong at the provider, and lead back', async () => {
    await house.create('settings', { key: 'brand.name', value: '<b>Meteo' })
    const { page, context, complaints } = await openWindow(browser, house.url, {
      isPhone: true,
      isDark: true,
    })
    const begun = await context.request.get('/api/v1/auth/oauth/oidc/start', { maxRedirects: 0 })
    const state = new URL(begun.headers()['location'] ?? '').searchParams.get('state')
    const refused = `/api/v1/auth/oauth/oidc/callback?error=access_denied&state=${state}`
    for (const path of [refused, refused, '/api/v1/auth/oauth/nowhere/start']) {
      await page.goto(path)
      await page.getByRole('heading', { name: 'This did not work' }).waitFor()
      await page.getByText('<b>Meteo').first().waitFor()
      await expect.poll(() => seriousProblems(page)).toEqual([])
      await expect.poll(() => isTooWide(page)).toBe(false)
    }
    await page.getByRole('link', { name: 'Back to the portal' }).click()
    await page.waitForURL(/\/portal\/sign-in/)
    await house.api('DELETE', '/api/settings/brand.name')
    expect(complaints).toEqual([])
  })

  test('link an account elsewhere with the password, and take it away again', async () => {
    provider.be({ sub: 'ada', email: 'ada@elsewhere.example', email_verified: true, name: 'Ada' })
    const { page } = await signUp()
    await page.goto('/portal/security')
    await page.getByRole('button', { name: /^Link / }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Current password').fill(portalPassword)
    await dialog.getByRole('button', { name: /^Link / }).click()
    await page.getByRole('cell', { name: 'ada@elsewhere.example' }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.getByRole('button', { name: 'Take away' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take away' }).click()
    await page.getByText('No account is linked.').waitFor()
  })

  test('show the secret of a second factor as a picture beside its text', async () => {
    const { page, complaints } = await signUp()
    await page.goto('/portal/security')
    await page.getByRole('button', { name: 'Turn on' }).click()
    await page.getByRole('dialog').getByLabel('Current password').fill(portalPassword)
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('tell on every page in whose place an operator acts, and end it', async () => {
    const { email } = await signUp()
    const wish = { user_id: email, reason: 'a question of theirs <b>' }
    const begun = await house.api('POST', '/admin/impersonations', wish)
    expect(begun.status).toBe(201)
    const { page, context } = await openWindow(browser, house.url)
    const [pair = ''] = (begun.headers.get('set-cookie') ?? '').split(';')
    const [name = '', value = ''] = pair.split(/=(.*)/)
    await context.addCookies([{ name, value, url: house.url }])
    await page.goto('/portal/keys')
    await page.getByText(`You act as ${email}. Reason: a question of theirs <b>.`).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.getByRole('button', { name: 'End it' }).click()
    await page.waitForURL(/\/ui\/setup/)
    await page.goto('/portal/keys')
    await page.waitForURL(/\/portal\/sign-in/)
  })
})
