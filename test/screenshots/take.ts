import { mkdirSync, rmSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { browserPath, openWindow, startBrowser, type Window } from '#test/support/browser.ts'
import type { TestHouse } from '#test/support/start-house.ts'
import { furnishHouse, people } from './furnished-house.ts'
import { allPages, type Inside, type PictureOf, type Step, type Visitor } from './page-list.ts'

const folder = new URL('../../screenshots/', import.meta.url).pathname
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } } as const
/** What opens a dialog or asks a moment after the last letter is done by then. */
const settleMs = 500
const tokens = { '/portal/invitation': '?token=x', '/portal/reset-password': '?token=x' } as const

/** Takes a picture of every page in both themes and at both sizes; words behind the command keep to addresses with one of them. */
async function main(wanted: readonly string[]): Promise<void> {
  if (browserPath === undefined) throw new Error('There is no Chromium on this machine')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  say('Starting an instance with forty days of data ...')
  const { house, close } = await furnishHouse()
  const browser = await startBrowser()
  try {
    const pages = allPages().filter(
      ({ path }) =>
        wanted.length === 0 || wanted.some((one) => path === one || (one !== '/' && path.includes(one))),
    )
    for (const visitor of ['anyone', 'customer', 'newcomer', 'overdue', 'prepaid', 'operator'] as const) {
      const own = pages.filter((one) => one.visitor === visitor)
      if (own.length > 0) await walk(browser, house, visitor, own)
    }
  } finally {
    await browser.close()
    await close()
  }
}

/** Those whose pages are named by their address alone. */
const plain: ReadonlySet<Visitor> = new Set(['anyone', 'customer', 'operator'])

async function walk(
  browser: Browser,
  house: TestHouse,
  visitor: Visitor,
  pages: readonly PictureOf[],
): Promise<void> {
  const window = await openWindow(browser, house.url)
  const { page, complaints } = window
  if (visitor !== 'anyone') await enter(window, visitor)
  for (const { path, steps } of pages)
    for (const address of await addressesOf(page, house, path)) {
      const told = complaints.length
      await page.setViewportSize(sizes.desktop)
      await page.goto(address)
      await page.waitForLoadState('networkidle')
      const shown = [address, ...(steps ?? []).map(wordOf)].join(' ')
      if (!(await follow(page, steps ?? []))) {
        say(`  no picture of ${shown}: it is not offered there`)
        continue
      }
      await takeAll(page, shown, plain.has(visitor) ? '' : `.${visitor}`, steps === undefined)
      for (const complaint of complaints.slice(told)) say(`  in the console of ${address}: ${complaint}`)
    }
  await window.context.close()
}

/** Takes one step after the other and waits for what each brings; false where one is not offered. */
async function follow(page: Page, steps: readonly Step[]): Promise<boolean> {
  for (const step of steps) {
    if (typeof step !== 'string' && 'keys' in step) await page.keyboard.press(step.keys)
    else if (typeof step !== 'string' && 'type' in step) await page.keyboard.type(step.type)
    else {
      const target =
        step === 'open a row'
          ? page.locator('tbody tr[tabindex]').first()
          : page.getByRole('button', { name: step.press, exact: true }).last()
      if (!(await target.isVisible())) return false
      // By the key, as there are links in rows, too.
      await target.press('Enter')
    }
    await page.waitForTimeout(settleMs)
    await page.waitForLoadState('networkidle')
  }
  return true
}

const wordOf = (step: Step): string => (typeof step === 'string' ? step : (Object.values(step)[0] ?? ''))

async function enter({ page }: Window, visitor: Inside): Promise<void> {
  const { email, password } = people[visitor]
  await page.goto(visitor === 'operator' ? '/ui/sign-in' : '/portal/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => !url.pathname.endsWith('/sign-in'))
}

/** The addresses that a path stands for: those of modules for `$plural`, the first of a list for `$id`. */
async function addressesOf(page: Page, house: TestHouse, path: string): Promise<readonly string[]> {
  if (!path.includes('$')) return [`${path}${tokens[path as keyof typeof tokens] ?? ''}`]
  if (path.includes('$plural')) {
    const { data } = (await house.api('GET', '/api/_schema')).body
    const lists = data.map(({ plural }: { plural: string }) => `/ui/m/${plural}`)
    return path.endsWith('$id')
      ? (await Promise.all(lists.map((list: string) => firstRecord(house, list)))).flat()
      : lists
  }
  await page.goto(path.replace(/\/\$\w+$/, ''))
  await page.waitForLoadState('networkidle')
  const row = page.getByRole('row').nth(1)
  if (!(await row.isVisible())) {
    say(`  no picture of ${path}: its list is empty`)
    return []
  }
  await row.click()
  await page.waitForURL((url) => url.pathname.split('/').length === path.split('/').length)
  return [new URL(page.url()).pathname]
}

async function firstRecord(house: TestHouse, list: string): Promise<readonly string[]> {
  const [record] = (await house.api('GET', `${list.replace('/ui/m', '/api')}?limit=1`)).body.data ?? []
  return record === undefined ? [] : [`${list}/${record.id}`]
}

async function takeAll(page: Page, address: string, state: string, isWhole: boolean): Promise<void> {
  const name = (address.slice(1).replaceAll(/[^\w]+/g, '-') || 'landing') + state
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    await page.waitForLoadState('networkidle')
    for (const theme of ['light', 'dark']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      await page.screenshot({
        path: `${folder}${name}.${size}-${theme}.png`,
        fullPage: isWhole,
        animations: 'disabled',
      })
    }
  }
  say(`${address}${state}`)
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

await main(process.argv.slice(2))
