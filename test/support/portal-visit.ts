import type { Browser, Page } from 'playwright-core'
import { openWindow, type Window } from './browser.ts'
import type { TestHouse } from './start-house.ts'

/** What everybody signs in with who comes through the pages. */
export const portalPassword = 'a long enough password'

/** Fills the form of the sign-in page that is shown. */
export async function signInAs(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(portalPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Opens windows in which somebody new has just signed up. */
export function visitors(browser: () => Browser, house: () => TestHouse) {
  let people = 0
  return async (
    options: Parameters<typeof openWindow>[2] = {},
  ): Promise<Window & { email: string; company: string }> => {
    people += 1
    const [email, company] = [`person-${people}@example.com`, `Company ${people}`]
    const window = await openWindow(browser(), house().url, options)
    const { page } = window
    await page.goto('/portal/sign-up')
    await page.getByLabel('Organization').fill(company)
    await page.getByLabel('Your name').fill('Ada')
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(portalPassword)
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    return { ...window, email, company }
  }
}

/** The link in the last mail to an address. */
export async function mailedLink(house: TestHouse, to: string): Promise<string> {
  await house.running.settle()
  const { items } = await house.running.house.engine.records.list('logged_email', {
    where: [{ field: 'to', op: 'eq', value: to }],
    limit: 100,
  })
  const links = items.flatMap(
    ({ text }) => String(text).match(/https?:\S+token=[a-z]{3}_[0-9a-f]{64}/g) ?? [],
  )
  return links.at(-1) ?? ''
}
