import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
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
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

const operator = { email: 'ops@example.com', password: 'correct horse battery' }
const hostileName = '<img src=x onerror="document.title=\'owned\'">'

/** A module that somebody adds: one field of every widget, an amount, an action. */
const gadget = `
module: gadget
meta: { description: What the shop lends., display_name: Gadget, plural: Gadgets, id_prefix: gdg }
schema:
  name: { type: string, required: true, unique: true, lookup: true, max: 40 }
  colour: { type: enum, values: [red, green], default: red }
  is_new: { type: bool, default: true }
  deposit: { type: int, money: currency, default: 0, min: 0, description: "What is kept until it is back" }
  currency: { type: string, default: EUR, pattern: "^[A-Z]{3}$" }
  lent_until: { type: timestamp }
  parts: { type: json }
  owner_id: { type: ref, to: organization }
  contact: { type: email }
  pin: { type: secret }
  photo: { type: bytes, max: 100 }
  is_lent: { type: bool, internal_write: true, default: false, label: Out of the house }
actions:
  paint:
    description: Give it another colour
    input: [{ name: colour, type: enum, values: [red, green], required: true }]
  lend: { description: Give it out, offered_when: { is_lent: false }, set: { is_lent: true } }
  take_back: { description: It is back, offered_when: { is_lent: true }, set: { is_lent: false } }
  sell: { description: It is gone, confirm: true, offered_when: { is_lent: { not: null } }, set: { is_lent: null } }
`

describe.skipIf(browserPath === undefined)('the pages of operators', () => {
  let house: TestHouse
  let browser: Browser
  let moduleDirectory: string
  beforeAll(async () => {
    moduleDirectory = mkdtempSync(join(tmpdir(), 'apigate-modules-'))
    writeFileSync(join(moduleDirectory, 'gadget.yaml'), gadget)
    house = await startHouse({ overrides: { moduleDirectory } })
    await house.create('operators', { ...operator, name: 'Ada', role: 'superadmin' })
    await house.create('organizations', { name: hostileName, slug: 'hostile' })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
    rmSync(moduleDirectory, { recursive: true, force: true })
  })

  const signIn = async (
    options: Parameters<typeof openWindow>[2] = {},
    path = '/ui',
    email = operator.email,
  ): Promise<Window> => {
    const window = await openWindow(browser, house.url, options)
    const { page } = window
    await page.goto(path)
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(operator.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('banner').waitFor()
    return window
  }

  test('send whoever is not signed in to the sign-in page, and back to where they wanted to go', async () => {
    const { page, complaints } = await signIn({}, '/ui/m/plans?sort=name')
    await page.waitForURL(/\/ui\/m\/plans\?sort=name/)
    await page.getByRole('heading', { name: 'Plans' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('say what the server says about a wrong password, and keep what was typed', async () => {
    const { page } = await openWindow(browser, house.url)
    await page.goto('/ui/sign-in')
    await page.getByLabel('E-mail').fill(operator.email)
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/Request req_/)
    await expect.poll(() => page.getByLabel('E-mail').inputValue()).toBe(operator.email)
  })

  test('turn a second factor on, and ask for it from the next sign-in on', async () => {
    const email = 'careful@example.com'
    await house.create('operators', { ...operator, email, name: 'Grace', role: 'support' })
    const { page, complaints } = await signIn({}, '/ui/security', email)
    await page.getByRole('button', { name: 'Turn on' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Current password').fill(operator.password)
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    const secret = Secret.fromBase32(((await dialog.locator('pre').textContent()) ?? '').trim())
    const code = new TOTP({ secret, digits: 6, period: 30 }).generate()
    await dialog.getByRole('textbox', { name: 'Code' }).fill(code)
    await dialog.getByRole('button', { name: 'Turn on' }).click()
    await dialog.getByText('Recovery codes').waitFor()
    const [recovery = ''] = ((await dialog.locator('pre').textContent()) ?? '').split('\n')
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByText('asks for a code').waitFor()

    const again = (await openWindow(browser, house.url)).page
    await again.goto('/ui/sign-in')
    await again.getByLabel('E-mail').fill(email)
    await again.getByLabel('Password').fill(operator.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByLabel('Code').fill('0000000000000000')
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByText('Does not match').waitFor()
    await again.getByLabel('Code').fill(recovery)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByRole('banner').waitFor()
    expect(complaints).toEqual([])
  })

  test('make, filter, change and delete a record of any module from its schema alone', async () => {
    const { page, complaints } = await signIn()
    await page.goto('/ui/m/plans')
    await page.getByRole('button', { name: 'New plan' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('gold')
    await dialog.getByLabel('Price monthly').fill('-5')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByText('must be at least 0').waitFor()
    await expect.poll(() => dialog.getByLabel('Name').inputValue()).toBe('gold')
    await dialog.getByLabel('Price monthly').fill('9.00')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.waitFor({ state: 'detached' })

    await page.goto(`/ui/m/plans?where=${encodeURIComponent('{"name":"gold"}')}`)
    await page.getByRole('row', { name: /gold/ }).click()
    await page.waitForURL(/\/ui\/m\/plans\/pln_/)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('dialog').getByLabel('Price monthly').fill('9.50')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByText('9.50 USD', { exact: true }).first().waitFor()
    expect((await house.api('GET', '/api/plans?name=gold')).body.data[0].price_monthly).toBe(950)

    await page.getByRole('button', { name: 'Delete' }).click()
    const sure = page.getByRole('dialog').getByRole('button', { name: 'Delete' })
    await expect.poll(() => sure.isDisabled()).toBe(true)
    await page.getByLabel('Type gold to confirm').fill('gold')
    await sure.click()
    await page.waitForURL(/\/ui\/m\/plans$/)
    expect((await house.api('GET', '/api/plans?name=gold')).body.data).toEqual([])
    expect(complaints).toEqual([])
  })

  test('give a module that somebody added its pages at once, with a widget for every field', async () => {
    const { page, complaints } = await signIn({}, '/ui/modules')
    const names = page.getByRole('main').locator('li a > span:first-child')
    const inOrder = async (): Promise<boolean> => {
      const shown = await names.allTextContents()
      return (
        shown.length > 50 && shown.every((name, at) => (shown[at - 1] ?? '').localeCompare(name, 'en') <= 0)
      )
    }
    await expect.poll(inOrder).toBe(true)
    await page.getByRole('link', { name: /^Gadgets/ }).click()
    await page.getByText('No gadgets yet').waitFor()
    await page.getByRole('button', { name: 'New gadget' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('drill')
    await dialog.getByLabel('Colour').selectOption('green')
    await dialog.getByRole('switch', { name: 'New' }).click()
    await dialog.getByLabel('Deposit').fill('49.905')
    await dialog.getByLabel('Lent until').fill('2026-12-24T18:00:00')
    await dialog.getByLabel('Parts').fill('[{"part": "bit", "count": 3}]')
    await dialog.getByLabel('Contact').fill('ada@example.com')
    await dialog.getByLabel('Pin').fill('4711')
    await dialog
      .getByLabel('Photo')
      .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from([1, 2, 255, 4]) })
    await dialog.getByText('4 bytes').waitFor()
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByText('This is not an amount of EUR, such as 49.90').waitFor()
    await dialog.getByLabel('Deposit').fill('49.90')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('row', { name: /drill green No 49\.90 EUR/ }).click()
    await page.getByRole('heading', { name: 'drill' }).waitFor()
    await page.getByRole('region', { name: 'Part, Count' }).getByText('bit').waitFor()
    const [stored] = (await house.api('GET', '/api/gadgets')).body.data
    expect(stored).toMatchObject({
      photo: 'AQL/BA==',
      deposit: 4990,
      lent_until: '2026-12-24T18:00:00.000Z',
      is_new: false,
    })
    await page.getByRole('button', { name: 'Paint' }).click()
    await page.getByRole('dialog').getByLabel('Colour').selectOption('red')
    await page.getByRole('dialog').getByRole('button', { name: 'Paint' }).click()
    await page.getByText('Done: Paint').first().waitFor()
    await page.getByRole('button', { name: 'Lend' }).click()
    await page.getByRole('button', { name: 'Take back' }).waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Lend' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Lend' }).waitFor()
    await expect.poll(async () => (await house.api('GET', '/api/gadgets')).body.data[0].is_lent).toBe(false)
    await page.getByRole('button', { name: 'Sell' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sell' }).click()
    await page.getByText('Done: Sell').first().waitFor()
    for (const over of ['Undo', 'Sell', 'Lend', 'Take back'])
      await expect.poll(() => page.getByRole('button', { name: over }).count(), { message: over }).toBe(0)
    await expect.poll(() => page.content()).not.toContain('4711')
    await expect.poll(() => seriousProblems(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('show a name that is HTML as the text it is', async () => {
    const name = '<img src=x onerror=alert(1)>'
    const [organization] = (await house.api('GET', '/api/organizations?slug=hostile')).body.data
    const upstream = await house.create('upstreams', { name, base_url: 'http://127.0.0.1:9' })
    const made = [
      ['organizations', organization],
      ['upstreams', upstream],
      [
        'routes',
        await house.create('routes', {
          name,
          description: name,
          path_pattern: '/x',
          upstream_id: upstream.id,
        }),
      ],
      ['plans', await house.create('plans', { name, description: name })],
      ['api_keys', await house.create('api_keys', { name, organization_id: organization.id })],
      [
        'gadgets',
        await house.create('gadgets', { name, parts: { [name]: name }, owner_id: organization.id }),
      ],
    ] as const
    const { page, complaints } = await signIn()
    const alerts: string[] = []
    page.on('dialog', (dialog) => {
      alerts.push(dialog.message())
      void dialog.dismiss()
    })
    for (const [plural, { id }] of made)
      for (const address of [`/ui/m/${plural}`, `/ui/m/${plural}/${id}`]) {
        await page.goto(address)
        await page.getByText('<img src=x onerror=').filter({ visible: true }).first().waitFor()
      }
    for (const address of ['/ui', '/ui/upstreams']) {
      await page.goto(address)
      await page.getByText('<img src=x onerror=').filter({ visible: true }).first().waitFor()
      await expect.poll(() => page.locator('img[src="x"]').count()).toBe(0)
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('combobox').fill('<img')
    await page.getByRole('option').filter({ hasText: 'onerror' }).first().waitFor()
    await expect.poll(() => page.title()).toBe('Admin · APIGate')
    expect(alerts).toEqual([])
    expect(complaints).toEqual([])
    for (const [plural, { id }] of made.slice(1).toReversed())
      await house.api('DELETE', `/api/${plural}/${id}`)
  })

  test('open the command palette on Ctrl-K and go where it says', async () => {
    const { page } = await signIn()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('combobox').fill('upstreams')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/ui\/m\/upstreams/)
  })

  test('find a record by a part of its name in the palette, and any by its id', async () => {
    const customer = await house.create('organizations', { name: 'Blue Heron', slug: 'heron' })
    const { page, complaints } = await signIn()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    for (const words of ['heron', customer.id]) {
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('combobox').fill(words)
      await page.getByRole('option', { name: /^Organization: /, selected: true }).waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL(new RegExp(`/ui/m/organizations/${customer.id}`))
      await page.goto('/ui')
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
    }
    expect(complaints).toEqual([])
  })

  test('search a list by a part of the name or by an id, as its address says', async () => {
    const customer = await house.create('organizations', { name: 'Grey Crane', slug: 'crane' })
    const { page, complaints } = await signIn({}, '/ui/m/organizations')
    const rows = page.getByRole('region', { name: 'Organizations' }).locator('tbody tr')
    await rows.nth(1).waitFor()
    for (const words of ['rey cra', customer.id]) {
      await page.getByRole('searchbox').fill(words)
      await page.waitForURL((url) => url.searchParams.get('q') === words)
      await expect.poll(() => rows.allTextContents()).toEqual([expect.stringContaining('Grey Crane')])
    }
    await page.getByRole('searchbox').fill('no crane')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await rows.nth(1).waitFor()
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('')
    expect(complaints).toEqual([])
  })

  test('choose a record among very many by a part of its name, and send its id', async () => {
    for (let at = 0; at < 100; at += 1)
      await house.create('organizations', { name: `Branch ${at}`, slug: `branch-${at}` })
    const wanted = await house.create('organizations', { name: 'Grey Wagtail', slug: 'wagtail' })
    const { page, complaints } = await signIn({}, '/ui/m/gadgets')
    await page.getByRole('button', { name: 'New gadget' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('saw')
    const owner = dialog.getByPlaceholder('Type a part of the name')
    await owner.fill('wagt')
    const option = dialog.locator(`datalist option[value$="${wanted.id}"]`)
    await option.waitFor({ state: 'attached' })
    await owner.fill((await option.getAttribute('value')) ?? '')
    await expect.poll(() => owner.inputValue()).toBe('Grey Wagtail')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.waitFor({ state: 'detached' })
    const [stored] = (await house.api('GET', '/api/gadgets?name=saw')).body.data
    expect(stored.owner_id).toBe(wanted.id)
    expect(complaints).toEqual([])
  })

  test('are walked with the keyboard alone: what opens gives the focus back, what is wrong gets it, a new page begins at its top', async () => {
    const { page, complaints } = await signIn({}, '/ui/m/organizations')
    const focused = page.locator(':focus')
    const making = page.getByRole('button', { name: 'New organization' })
    await making.focus()
    await page.keyboard.press('Enter')
    await expect
      .poll(() => focused.getAttribute('id'))
      .toBe(await page.getByRole('dialog').getByLabel('Name').getAttribute('id'))
    await page.keyboard.press('Enter')
    await expect.poll(() => focused.getAttribute('aria-invalid')).toBe('true')
    await page.keyboard.press('Escape')
    await expect.poll(() => focused.textContent()).toContain('New organization')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('combobox').and(focused).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => focused.textContent()).toContain('New organization')
    await page.locator('tbody tr[tabindex]').first().focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/organizations\/org_/)
    await expect.poll(() => focused.getAttribute('id')).toBe('content')

    await page.goto('/ui/emails')
    await page.getByRole('row', { name: /^Key created/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Send me a test' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => focused.textContent()).toMatch(/^Key created/)

    await page.setViewportSize({ width: 360, height: 740 })
    await page.getByRole('button', { name: 'Menu' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => focused.getAttribute('aria-label')).toBe('Close')
    await page.keyboard.press('Tab')
    await expect.poll(() => focused.textContent()).toContain('Overview')
    await page.keyboard.press('Escape')
    await expect.poll(() => focused.getAttribute('aria-label')).toBe('Menu')
    expect(complaints).toEqual([])
  })

  test('keep what was typed when the session ends, and send it after a new sign-in', async () => {
    const { page, context } = await signIn({}, '/ui/m/gadgets')
    await page.getByRole('button', { name: 'New gadget' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'New gadget' })
    await dialog.getByLabel('Name').fill('ladder')
    await context.clearCookies()
    await dialog.getByRole('button', { name: 'Create' }).click()
    const again = page.getByRole('dialog', { name: 'Your session is over' })
    await again.getByLabel('Password').fill(operator.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await dialog.waitFor({ state: 'detached' })
    await expect
      .poll(async () => (await house.api('GET', '/api/gadgets?name=ladder')).body.data.length)
      .toBe(1)
  })

  for (const [look, options] of looks)
    test(`have nothing that keeps people out, and fit, ${look}`, async () => {
      const { page, complaints } = await signIn(options)
      for (const path of [
        '/ui',
        '/ui/usage',
        '/ui/modules',
        '/ui/security',
        '/ui/m/plans',
        '/ui/m/organizations',
        '/ui/m/routes',
      ]) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('networkidle')
        await expect.poll(() => seriousProblems(page), { message: path }).toEqual([])
        await expect.poll(() => isTooWide(page), { message: path }).toBe(false)
      }
      expect(complaints).toEqual([])
    })
})
