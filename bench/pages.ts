import { type Browser, chromium } from 'playwright-core'
import { browserPath } from '#test/support/browser.ts'
import { startHouse } from '#test/support/start-house.ts'
import { median } from './process.ts'

// When the largest thing of a page is painted, on a processor that is four times slower and with nothing kept from before; beside a page
// of one line on the same machine in the same run. `npm run bench:pages -- [loads of each page]`

const loads = Number(process.argv[2] ?? 7)
const slowdown = 4
const paths = ['/', '/docs', '/portal/sign-in', '/ui/sign-in']

async function largestPaintMs(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const debug = await context.newCDPSession(page)
  await debug.send('Network.setCacheDisabled', { cacheDisabled: true })
  await debug.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  await page.goto(url)
  await page.waitForLoadState('networkidle')
  const paintedMs = await page.evaluate<number>(`new Promise((done) => new PerformanceObserver((seen) =>
    done(seen.getEntries().at(-1).startTime)).observe({ type: 'largest-contentful-paint', buffered: true }))`)
  await context.close()
  return paintedMs
}

if (browserPath === undefined) throw new Error('there is no Chromium here: install it, then run this again')
const house = await startHouse()
await house.create('operators', {
  email: 'ops@example.com',
  password: 'correct horse battery',
  name: 'Ada',
  role: 'superadmin',
})
const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
const plain = 'data:text/html,<h1>One line</h1>'
const times = new Map<string, number[]>([plain, ...paths].map((path) => [path, []]))
for (let load = 0; load < loads; load += 1)
  for (const [path, taken] of times)
    taken.push(await largestPaintMs(browser, path === plain ? plain : house.url + path))
const plainMs = median(times.get(plain) ?? [])
for (const [path, taken] of times) {
  const ms = median(taken)
  const name = path === plain ? 'a page of one line' : path
  console.log(`${name.padEnd(20)} ${ms.toFixed(0).padStart(6)} ms   ${(ms / plainMs).toFixed(1)} x`)
}
await browser.close()
await house.close()
