import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath, isTooWide, openWindow, seriousProblems, startBrowser } from '#test/support/browser.ts'
import { mailedLink, portalPassword, signInAs, visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

describe.skipIf(browserPath === undefined)('teams and organizations in the pages of customers', () => {
  let house: TestHouse
  let browser: Browser
  const signUp = visitors(
    () => browser,
    () => house,
  )
  beforeAll(async () => {
    house = await startHouse()
    await house.create('settings', { key: 'portal.base_url', value: house.url })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
  })

  /** Invites an address through the page, and answers the link of the mail. */
  const invite = async (page: Page, email: string, role = 'member'): Promise<string> => {
    await page.goto('/portal/team')
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill(email)
    await dialog.getByLabel('Role').selectOption(role)
    await dialog.getByRole('button', { name: 'Send the invitation' }).click()
    await page.getByRole('cell', { name: email }).waitFor()
    return mailedLink(house, email)
  }

  test('bring in somebody without an account, who sees the team at once', async () => {
    const owner = await signUp()
    const link = await invite(owner.page, 'new-here@example.com', 'admin')
    const { page, complaints } = await openWindow(browser, house.url)
    await page.goto(link)
    await page.getByRole('heading', { name: `Join ${owner.company}` }).waitFor()
    await page.getByText('Ada invites you, new-here@example.com, as admin.').waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.getByLabel('Your name').fill('Grace')
    await page.getByLabel('Password').fill('short')
    await page.getByRole('button', { name: 'Make your account and join' }).click()
    await page.getByText('Must have at least 8 characters').waitFor()
    await page.getByLabel('Password').fill(portalPassword)
    await page.getByRole('button', { name: 'Make your account and join' }).click()
    await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor()
    await page.getByText(owner.company).first().waitFor()
    await owner.page.reload()
    await owner.page.getByText('Nobody is invited at the moment.').waitFor()
    await owner.page.getByText('Grace').waitFor()
    await page.goto(link)
    await page.getByRole('heading', { name: 'This invitation is not good any more' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('bring in somebody with an account, who signs in on the way and can go back to their own', async () => {
    const owner = await signUp()
    const guest = await signUp()
    const link = await invite(owner.page, guest.email)
    await owner.page.goto(link)
    await owner.page.getByText(`You are signed in as ${owner.email}`).waitFor()
    // Away from the portal first, whose page would go to the door by itself.
    await guest.page.goto('about:blank')
    await guest.context.clearCookies()
    await guest.page.goto(link)
    await guest.page.getByRole('link', { name: 'Sign in' }).click()
    await signInAs(guest.page, guest.email)
    await guest.page.getByRole('button', { name: 'Accept' }).click()
    await guest.page.waitForURL(`${house.url}/portal`)
    await guest.page.getByText(owner.company).first().waitFor()
    await guest.page.goto('/portal/settings')
    await guest.page.getByRole('button', { name: `Switch to ${guest.company}` }).click()
    await guest.page.waitForURL(`${house.url}/portal`)
    await guest.page.getByText(guest.company).first().waitFor()
  })

  test('tell whoever is signed in that a link is not good any more, and send nobody to the door for it', async () => {
    const { page } = await signUp()
    const known = page.waitForResponse('**/api/v1/auth/me')
    await page.route('**/team/view-invitation', async (asked) => {
      await known
      // The page has read who asks by the time that it has read this.
      await page.evaluate("fetch('/api/v1/auth/me').then((answer) => answer.text())")
      await asked.continue()
    })
    await page.goto('/portal/invitation?token=x')
    await page.getByRole('heading', { name: 'This invitation is not good any more' }).waitFor()
  })

  test('let an invitation be declined, or taken back, and its link is worth nothing then', async () => {
    const owner = await signUp()
    const declined = await invite(owner.page, 'not-me@example.com')
    const { page } = await openWindow(browser, house.url)
    await page.goto(declined)
    await page.getByRole('button', { name: 'Decline' }).click()
    await page.getByRole('button', { name: 'Decline' }).click()
    await page.getByText('You declined.').waitFor()
    const taken = await invite(owner.page, 'nor-me@example.com')
    await owner.page.getByRole('button', { name: 'Take back' }).click()
    await owner.page.getByText('Nobody is invited at the moment.').waitFor()
    for (const link of [declined, taken]) {
      await page.goto(link)
      await page.getByRole('heading', { name: 'This invitation is not good any more' }).waitFor()
    }
  })

  test('make an organization, rename it, and close it after its name was typed', async () => {
    const { page, complaints } = await signUp()
    await page.goto('/portal/settings')
    await page.getByRole('button', { name: 'New organization' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Lab <b>')
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await page.waitForURL(`${house.url}/portal`)
    await page.getByText('Lab <b>').first().waitFor()
    await page.goto('/portal/settings')
    await page.getByLabel('Organization', { exact: true }).fill('Laboratory')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('cell', { name: 'Laboratory' }).waitFor()
    await page.getByRole('button', { name: 'Close the organization' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/Type the name of the organization/).fill('Lab')
    await dialog.getByLabel('Current password').fill(portalPassword)
    await dialog.getByRole('button', { name: 'Close the organization' }).click()
    await dialog.getByText('Must be the name of the organization').waitFor()
    await dialog.getByLabel(/Type the name of the organization/).fill('Laboratory')
    await dialog.getByRole('button', { name: 'Close the organization' }).click()
    await page.waitForURL(`${house.url}/portal`)
    await page.goto('/portal/settings')
    await page.getByRole('button', { name: 'New organization' }).waitFor()
    await expect.poll(() => page.getByText('Laboratory').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('hand an organization to somebody of the team, and leave it then', async () => {
    const owner = await signUp()
    const guest = await signUp()
    await guest.page.goto(await invite(owner.page, guest.email))
    await guest.page.getByRole('button', { name: 'Accept' }).click()
    await guest.page.waitForURL(`${house.url}/portal`)
    await guest.page.getByText(owner.company).first().waitFor()
    const { page } = owner
    await page.goto('/portal/settings')
    await page.getByRole('button', { name: 'Hand the organization over' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('New owner').selectOption({ label: `Ada (${guest.email})` })
    await dialog.getByLabel('Current password').fill(portalPassword)
    await dialog.getByRole('button', { name: 'Hand the organization over' }).click()
    await page.getByRole('row', { name: guest.email }).getByText('owner').waitFor()
    await page.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
    await page.waitForURL(`${house.url}/portal`)
    await guest.page.goto('/portal/team')
    await guest.page.getByText(guest.email).waitFor()
    await expect.poll(() => guest.page.getByText(owner.email).count()).toBe(0)
  })

  test('fit on a phone with an invitation open', async () => {
    const { page } = await signUp({ isPhone: true, isDark: true })
    const link = await invite(page, 'somebody-with-a-rather-long-address@department.example.com')
    for (const path of ['/portal/team', '/portal/settings', link, '/portal/invitation?token=x']) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
      await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
    }
  })
})
