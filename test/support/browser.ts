import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** A browser of this machine; undefined where there is none, and the tests of pages are passed over. */
export const browserPath: string | undefined = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((path) => existsSync(path))

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const plainName = 'gate.example'

/** A phone held upright, the narrowest that pages are made for. */
const phone = { width: 360, height: 740 }

/** What pages are looked at in: each theme and each size once, as colours depend on one and widths on the other. */
export const looks = [
  ['in light on a desktop', { isDark: false, isPhone: false }],
  ['in dark on a phone', { isDark: true, isPhone: true }],
] as const

/** A window of a browser that remembers everything it complained of. */
export interface Window {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console and of scripts, and requests that broke the content policy. */
  readonly complaints: readonly string[]
}

/** Starts a browser; end it with `close`. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath as string,
    args: ['--no-sandbox', `--host-resolver-rules=MAP ${plainName} 127.0.0.1`],
  })

/** The same address by a name that browsers do not trust as they trust their own machine: what they keep to HTTPS is missing there. */
export const byPlainName = (url: string): string => url.replace(/127\.0\.0\.1|localhost/, plainName)

/** Opens a window of its own: nothing is shared with others. */
export async function openWindow(
  browser: Browser,
  baseURL: string,
  options: { readonly isDark?: boolean; readonly isPhone?: boolean } = {},
): Promise<Window> {
  const context = await browser.newContext({
    baseURL,
    // Over HTTPS the certificate is one of the tests.
    ignoreHTTPSErrors: baseURL.startsWith('https:'),
    colorScheme: options.isDark === true ? 'dark' : 'light',
    viewport: options.isPhone === true ? phone : { width: 1280, height: 800 },
  })
  // How long something takes tells nothing on a busy machine; that it never comes does.
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // A refusal that a page shows in words is also told of by the browser itself.
    const isRefusal = /status of 4\d\d/.test(message.text())
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, context, complaints }
}

/** What axe finds serious or critical on a page as it stands, as `rule: element`. */
export async function seriousProblems(page: Page): Promise<string[]> {
  // Through the debugger and not through the page, whose policy lets nothing in.
  await page.evaluate(axeSource)
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}

/** True when a page is wider than its window. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
