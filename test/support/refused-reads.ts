import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { allPages, type Visitor } from '../screenshots/page-list.ts'

const me = /\/(?:admin|auth)\/me$/

/** Refuses whatever the pages read, but for who is signed in; what comes back lets them read again. */
export async function refuseReads(page: Page): Promise<() => Promise<void>> {
  const error = { type: 'conflict', message: 'Not now.', request_id: 'req_refused' }
  const isRefused = ({ pathname }: URL): boolean =>
    /^\/(?:api|admin|docs)\//.test(pathname) && !me.test(pathname)
  await page.route(isRefused, (asked) =>
    asked.request().method() === 'GET' ? asked.fulfill({ status: 409, json: { error } }) : asked.fallback(),
  )
  return () => page.unroute(isRefused)
}

/** Opens every page of somebody who is signed in, and waits until nothing on it still stands for what was to come. */
export async function expectNoPlaceholder(page: Page, visitor: Visitor): Promise<void> {
  const pages = allPages().filter(
    (one) => one.visitor === visitor && one.steps === undefined && !one.path.includes('$'),
  )
  expect(pages.length).toBeGreaterThan(10)
  for (const { path } of pages) {
    await page.goto(path)
    await page.locator('h1, [role="alert"]').first().waitFor()
    await expect.poll(() => page.locator('[data-skeleton]').count(), { message: path }).toBe(0)
  }
}
