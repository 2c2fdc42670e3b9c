import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  browserPath,
  isTooWide,
  looks,
  openWindow,
  seriousProblems,
  startBrowser,
} from '#test/support/browser.ts'
import { isOverHttps, pageTransport } from '#test/support/page-transport.ts'
import { portalPassword, signInAs, visitors } from '#test/support/portal-visit.ts'
import { expectNoPlaceholder, refuseReads } from '#test/support/refused-reads.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

const runProgram = promisify(execFile)
const hasProgram = (name: string): boolean =>
  spawnSync(name, [name === 'go' ? 'version' : '--version']).status === 0

describe.skipIf(browserPath === undefined)('the pages of customers', () => {
  let house: TestHouse
  let upstream: Upstream
  let browser: Browser
  beforeAll(async () => {
    house = await startHouse(pageTransport)
    upstream = await startUpstream()
    const target = await house.create('upstreams', { name: 'weather', base_url: upstream.url })
    await house.create('routes', { name: 'weather', path_pattern: '/*', upstream_id: target.id })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
    await upstream?.close()
  })

  const signUp = visitors(
    () => browser,
    () => house,
  )

  /** Ends the session away from the portal, whose page would go to the door by itself. */
  const forget = async (context: BrowserContext, page: Page): Promise<void> => {
    await page.goto('about:blank')
    await context.clearCookies()
  }

  const makeKey = async (page: Page, name: string): Promise<string> => {
    await page.goto('/portal/keys')
    await page.getByRole('button', { name: 'New key' }).first().click()
    await page.getByRole('dialog').getByLabel('Name').fill(name)
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    const shown = page.getByRole('dialog').locator('pre').first()
    await shown.filter({ hasText: /^ak_/ }).waitFor()
    return (await shown.textContent())?.trim() ?? ''
  }

  test('lead from signing up to a key that calls the API, and from revoking it to a refusal', async () => {
    const { page, complaints } = await signUp()
    const key = await makeKey(page, 'production')
    const call = () => fetch(`${house.url}/now`, { headers: { authorization: `Bearer ${key}` } })
    expect((await call()).status).toBe(200)
    await page.goto('/portal/usage?range=hour&by=key')
    await page.getByRole('cell', { name: 'production' }).waitFor()
    await page.locator('.recharts-bar-rectangle path').first().waitFor()
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto('/portal/keys')
    const revoke = page.getByRole('button', { name: 'Revoke' })
    const place = await revoke.boundingBox()
    expect((place?.x ?? 0) + (place?.width ?? 999)).toBeLessThan(360)
    await revoke.click()
    await page.getByLabel('Type production to confirm').fill('production')
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('No key yet').waitFor()
    expect((await call()).status).toBe(401)
    expect(complaints).toEqual([])
  })

  test('show code that runs as it is copied, in every language that this machine speaks', async () => {
    const { page } = await signUp()
    await makeKey(page, 'copied')
    const codeIn = async (language: string): Promise<string> => {
      await page.getByRole('tab', { name: language }).click()
      return (await page.getByRole('tabpanel').locator('pre').textContent()) ?? ''
    }
    const lines: string[] = []
    const run = new Function('console', `return (async () => { ${await codeIn('JavaScript')} })()`)
    await run({ log: (...words: unknown[]) => lines.push(words.join(' ')) })
    expect(lines[0]).toMatch(/^200 /)
    // Other programs do not know the certificate of the tests.
    if (isOverHttps) return
    const sent = upstream.seen.length
    if (hasProgram('curl')) await runProgram('sh', ['-c', await codeIn('curl')])
    if (hasProgram('python3'))
      expect((await runProgram('python3', ['-c', await codeIn('Python')])).stdout).toMatch(/^200 /)
    if (hasProgram('go')) {
      const folder = await mkdtemp(join(tmpdir(), 'snippet-'))
      await writeFile(join(folder, 'main.go'), await codeIn('Go'))
      expect((await runProgram('go', ['run', join(folder, 'main.go')])).stdout).toMatch(/^200 /)
      await rm(folder, { recursive: true })
    }
    const programs = ['curl', 'python3', 'go'].filter(hasProgram).length
    expect(upstream.seen.length - sent).toBe(programs)
  })

  test('say at the field what is wrong with it, and keep what was typed', async () => {
    const { email } = await signUp()
    const { page } = await openWindow(browser, house.url)
    await page.goto('/portal/sign-up')
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByLabel('Organization').and(page.locator('[aria-invalid]:focus')).waitFor()
    await page.getByLabel('Organization').fill('Other')
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill('short')
    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByText('Must have at least 8 characters').waitFor()
    await expect.poll(() => page.getByLabel('Organization').inputValue()).toBe('Other')
  })

  test('bring back to where one was when a session is over', async () => {
    const { page, context, email } = await signUp()
    await forget(context, page)
    await page.goto('/portal/team')
    await signInAs(page, email)
    await page.waitForURL(/\/portal\/team$/)
    await page.getByText(email).waitFor()
    // Also when it ends while the page is open.
    await context.clearCookies()
    // Everything that the page asks for is refused; it leaves once.
    const refused: string[] = []
    const left: string[] = []
    page.on('response', (answer) => answer.status() === 401 && refused.push(answer.url()))
    await page.route('**/portal/sign-in?next=*', async (asked) => {
      left.push(asked.request().url())
      await expect.poll(() => refused.length).toBeGreaterThan(1)
      await asked.continue()
    })
    await page.getByRole('link', { name: 'Alerts' }).click()
    await page.waitForURL(/\/portal\/sign-in\?next=/)
    expect(left).toEqual([expect.stringMatching(/next=%2Fportal%2Falerts$/)])
    await signInAs(page, email)
    await page.waitForURL(/\/portal\/alerts$/)
  })

  test('ask for the password above what somebody types when their session is over, and then send it', async () => {
    const { page, context } = await signUp()
    await page.goto('/portal/keys')
    await page.getByRole('button', { name: 'New key' }).first().click()
    await page.getByLabel('Name').fill('typed before')
    await context.clearCookies()
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: 'Your session is over' }).waitFor()
    await expect.poll(() => seriousProblems(page)).toEqual([])
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('do not match').waitFor()
    await page.getByLabel('Password').fill(portalPassword)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('dialog').locator('pre').first().filter({ hasText: /^ak_/ }).waitFor()
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('cell', { name: 'typed before' }).waitFor()
  })

  test('are walked with the keyboard alone, from the door to a key and its end', async () => {
    const { email } = await signUp()
    const { page, complaints } = await openWindow(browser, house.url)
    const press = (key: string) => page.keyboard.press(key)
    const named = async (): Promise<string> =>
      (
        await page.evaluate<string>('document.activeElement.ariaLabel ?? document.activeElement.textContent')
      ).trim()
    const ring = () => page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    // What opens takes the focus a moment after it is seen.
    const hasFocus = (field: Locator) => field.and(page.locator(':focus')).waitFor()
    const goTo = async (name: RegExp): Promise<void> => {
      for (let step = 0; step < 40; step += 1) {
        if (name.test(await named())) return
        await press('Tab')
        // Wherever one is, one sees it.
        await expect.poll(ring, { message: await named() }).not.toBe('none')
      }
      throw new Error(`no Tab leads to ${name}`)
    }
    await page.goto('/portal/sign-in')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('E-mail').focus()
    await page.keyboard.type(email)
    await press('Tab')
    await page.keyboard.type(portalPassword)
    await press('Enter')
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    await press('Control+k')
    await hasFocus(page.getByRole('dialog').getByRole('combobox'))
    await page.keyboard.type('API keys')
    await press('Enter')
    await page.getByText('No key yet').waitFor()
    await goTo(/^New key$/)
    await press('Enter')
    const name = page.getByRole('dialog').getByLabel('Name')
    await hasFocus(name)
    // Leaving gives the focus back; a field that is refused has it.
    await press('Escape')
    await name.waitFor({ state: 'detached' })
    await expect.poll(named).toBe('New key')
    await press('Control+k')
    await hasFocus(page.getByRole('dialog').getByRole('combobox'))
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(named).toBe('New key')
    await press('Enter')
    await hasFocus(name)
    await press('Enter')
    await page.locator('[aria-invalid]:focus').waitFor()
    await page.keyboard.type('by hand')
    await press('Enter')
    await page.getByText('This is the whole key').waitFor()
    await goTo(/^curl$/)
    await press('ArrowRight')
    await page.getByRole('tabpanel', { name: 'JavaScript' }).waitFor()
    await press('Escape')
    await page.getByRole('cell', { name: 'by hand' }).waitFor()
    await goTo(/^Revoke$/)
    await press('Enter')
    await hasFocus(page.getByLabel('Type by hand to confirm'))
    await page.keyboard.type('by hand')
    await press('Enter')
    await page.getByText('No key yet').waitFor()
    expect(complaints).toEqual([])
  })

  test('give the focus to the page when what had it is gone', async () => {
    const { page } = await signUp()
    await page.goto('/portal/keys')
    await page.getByText('No key yet').waitFor()
    const held = Promise.withResolvers<void>()
    await page.route('**/api/v1/keys', async (asked) => {
      if (asked.request().method() === 'GET') await held.promise
      await asked.continue()
    })
    const making = page.getByRole('button', { name: 'New key' })
    await making.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByLabel('Name').fill('late')
    await page.keyboard.press('Enter')
    await page.getByText('This is the whole key').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('#content:focus').waitFor()
    await making.focus()
    held.resolve()
    await page.getByRole('cell', { name: 'late' }).waitFor()
    await page.locator('#content:focus').waitFor()
  })

  test('say of the link of a mail that it is used up only when the server says so', async () => {
    const { page } = await openWindow(browser, house.url)
    await page.goto('/portal/verify-email?token=x')
    await page.getByText('It shows that mails of your account reach you.').waitFor()
    const path = '**/api/v1/auth/verify-email'
    await page.route(path, (route) => route.abort())
    const verify = page.getByRole('button', { name: 'Verify your address' })
    await verify.click()
    await page.getByRole('alert').waitFor()
    await page.unroute(path)
    await verify.click()
    await page.getByText('Ask for another link on the first page of the portal.').waitFor()
    await expect.poll(() => verify.count()).toBe(0)
  })

  test('leave no placeholder behind where nothing can be read, say why with the id to quote, and try again', async () => {
    const { page } = await signUp()
    const readAgain = await refuseReads(page)
    await expectNoPlaceholder(page, 'customer')
    await page.goto('/portal/keys')
    await page.getByText('Request req_refused').first().waitFor()
    await readAgain()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Request req_refused').first().waitFor({ state: 'detached' })
  })

  test('never lead to another site after signing in', async () => {
    const { context, page, email } = await signUp()
    await forget(context, page)
    await page.goto(`/portal/sign-in?next=${encodeURIComponent('//evil.example/portal')}`)
    await signInAs(page, email)
    await page.waitForURL(`${house.url}/portal`)
  })

  test('sign out everywhere else, and stay signed in here', async () => {
    const { page, email } = await signUp()
    const other = await openWindow(browser, house.url)
    await other.page.goto('/portal/sign-in')
    await signInAs(other.page, email)
    await other.page.getByRole('heading', { name: /Hello/ }).waitFor()
    // Away from the portal, whose page would go to the door by itself.
    await other.page.goto('about:blank')
    await page.goto('/portal/security')
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await page.getByText('Signed out everywhere else.').first().waitFor()
    await other.page.goto('/portal/keys')
    await other.page.waitForURL(/\/portal\/sign-in/)
    await page.reload()
    await page.getByRole('heading', { name: 'Security' }).waitFor()
  })

  // What they look like is the same over HTTPS.
  for (const [look, options] of looks)
    test.skipIf(isOverHttps)(`have nothing that keeps people out, and fit, ${look}`, async () => {
      const { page, complaints } = await signUp(options)
      const inside = [
        '/portal',
        '/portal/keys',
        '/portal/usage',
        '/portal/plan',
        '/portal/billing',
        '/portal/invoices',
        '/portal/team',
        '/portal/webhooks',
        '/portal/audit',
        '/portal/security',
        '/portal/settings',
      ]
      const doors = [
        'sign-in',
        'sign-up',
        'forgot-password',
        'reset-password?token=x',
        'verify-email?token=x',
      ]
      for (const path of [...inside, ...doors.map((door) => `/portal/${door}`)]) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('networkidle')
        await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
        await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
      }
      expect(complaints).toEqual([])
    })
})
