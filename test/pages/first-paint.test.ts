import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath, openWindow, startBrowser } from '#test/support/browser.ts'
import { largestPaint } from '#test/support/largest-paint.ts'
import { signInAsOperator } from '#test/support/operator-visit.ts'
import { visitors } from '#test/support/portal-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

const operator = { email: 'ops@example.com', password: 'correct horse battery' }

/** Milliseconds until the largest thing of any page is painted, on a processor that is four times slower than this machine's. */
const budgetMs = 1500

describe.skipIf(browserPath === undefined)('on a processor that is four times slower', () => {
  let house: TestHouse
  let browser: Browser
  beforeAll(async () => {
    house = await startHouse()
    await house.create('operators', { ...operator, name: 'Ada', role: 'superadmin' })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
  })

  async function signIn() {
    const { page, context } = await openWindow(browser, house.url)
    await signInAsOperator(page, operator)
    return { context }
  }
  const signUp = visitors(
    () => browser,
    () => house,
  )

  // One calm load shows what a page can do; what else the machine does meanwhile, or how slow it is, is not the page's.
  for (const [who, enter, paths] of [
    ['operators', signIn, ['/ui/sign-in', '/ui', '/ui/usage']],
    ['customers', signUp, ['/', '/docs', '/docs/api', '/portal/sign-in', '/portal', '/portal/keys']],
  ] as const)
    test(`${who} wait at most 1.5 seconds for what a page is about`, async () => {
      const { context } = await enter()
      const usualMs = async (path: string): Promise<number> => {
        const { paintedMs, slower } = await largestPaint(context, path)
        return paintedMs / slower
      }
      for (const path of paths)
        await expect.poll(() => usualMs(path), { message: path }).toBeLessThan(budgetMs)
    })
})
