import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserPath, openWindow, startBrowser } from '#test/support/browser.ts'
import { signInAsOperator } from '#test/support/operator-visit.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

/** One file of the build, as the bundler lists it. */
interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
}

const built = new URL('../../dist/web/', import.meta.url)
const chunks: Readonly<Record<string, Chunk>> = JSON.parse(
  readFileSync(new URL('.vite/manifest.json', built), 'utf8'),
)

const chunkOf = (name: string): Chunk => {
  const chunk = chunks[name]
  if (chunk === undefined) throw new Error(`the build has no ${name}`)
  return chunk
}

/** A file and everything that it needs before it runs. */
function withImports(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const needed of chunkOf(name).imports ?? []) withImports(needed, found)
  return found
}

const kilobytes = (names: Iterable<string>): number =>
  [...names]
    .map((name) => chunkOf(name).file)
    .filter((file) => file.endsWith('.js'))
    .map((file) => gzipSync(readFileSync(new URL(file, built)), { level: 9 }).length)
    .reduce((sum, size) => sum + size, 0) / 1024

/** The file of the page that an application begins with. */
function homeOf(application: string, folder: string): string {
  const router = readFileSync(new URL(`../../web/${folder}/router.tsx`, import.meta.url), 'utf8')
  const file = router.match(`'/${application}',[^']*import\\('\\./([^']+)'`)?.[1]
  if (file === undefined) throw new Error(`the router in ${folder} has no page at /${application}`)
  return `${folder}/${file}`
}

for (const [application, folder] of [
  ['portal', 'portal'],
  ['ui', 'admin'],
] as const) {
  const entry = `${application}.html`
  const first = withImports(homeOf(application, folder), withImports(entry))

  test(`/${application} weighs at most 180 KB of compressed script at first`, () => {
    expect(kilobytes(first)).toBeLessThan(180)
  })

  test(`each further page of /${application} weighs at most 60 KB more`, () => {
    const pages = [...withImports(entry)].flatMap((name) => chunkOf(name).dynamicImports ?? [])
    expect(pages.length).toBeGreaterThan(8)
    for (const page of pages) {
      const further = [...withImports(page)].filter((name) => !first.has(name))
      expect(kilobytes(further), page).toBeLessThan(60)
    }
  })
}

const operator = { email: 'ops@example.com', password: 'correct horse battery' }

describe('the first paint of a page', () => {
  let house: TestHouse
  let browser: Browser | undefined
  beforeAll(async () => {
    house = await startHouse()
    await house.create('operators', { ...operator, name: 'Ada', role: 'superadmin' })
    browser = browserPath === undefined ? undefined : await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await house?.close()
  })

  test('waits for at most 10 KB of compressed script where the page is public', async () => {
    for (const path of ['/', '/docs', '/docs/api', '/docs/platform']) {
      const page = await (await fetch(house.url + path)).text()
      const scripts = [...page.matchAll(/<script src="([^"]+)"/g)].map(([, address]) => address)
      expect(scripts.length).toBeGreaterThan(0)
      const sizes = await Promise.all(
        scripts.map(
          async (address) => gzipSync(await (await fetch(`${house.url}${address}`)).bytes()).length,
        ),
      )
      expect(sizes.reduce((sum, size) => sum + size, 0) / 1024, path).toBeLessThan(10)
    }
  })

  const tried = test.skipIf(browserPath === undefined)

  tried('needs no script at all where the page is public', async () => {
    for (const path of ['/', '/docs']) {
      const context = await (browser as Browser).newContext({ baseURL: house.url, javaScriptEnabled: false })
      const page = await context.newPage()
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await context.close()
    }
  })

  /** Opens a page while the server answers nothing that is asked for as data, but for what `answered` names. */
  async function whileDataIsHeld(path: string, answered: string, look: (page: Page) => Promise<void>) {
    const { page, context } = await openWindow(browser as Browser, house.url)
    if (answered !== '') await signInAsOperator(page, operator)
    await page.route(
      ({ pathname }) => /^\/(api|admin)\//.test(pathname) && pathname !== answered,
      () => undefined,
    )
    await page.goto(path)
    await look(page)
    await context.close()
  }

  tried('of signing in waits for no data', async () => {
    await whileDataIsHeld('/portal/sign-in', '', async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByLabel('E-mail').waitFor()
    })
  })

  tried('of an application waits for nothing but who is signed in', async () => {
    await whileDataIsHeld('/ui', '/admin/me', async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByRole('navigation').first().waitFor()
    })
  })
})
