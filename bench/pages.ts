import { browserPath, startBrowser } from '#test/support/browser.ts'
import { largestPaint } from '#test/support/largest-paint.ts'
import { startHouse } from '#test/support/start-house.ts'
import { median } from './process.ts'

// When the largest thing of a page is painted, on a processor that is four times slower and with nothing kept from before; beside a page
// of one line on the same machine in the same run. `npm run bench:pages -- [loads of each page]`

const loads = Number(process.argv[2] ?? 7)
const paths = ['/', '/docs', '/portal/sign-in', '/ui/sign-in']

if (browserPath === undefined) throw new Error('there is no Chromium here: install it, then run this again')
const house = await startHouse()
await house.create('operators', {
  email: 'ops@example.com',
  password: 'correct horse battery',
  name: 'Ada',
  role: 'superadmin',
})
const browser = await startBrowser()
const plain = 'data:text/html,<h1>One line</h1>'
const times = new Map<string, number[]>([plain, ...paths].map((path) => [path, []]))
for (let load = 0; load < loads; load += 1)
  for (const [path, taken] of times) {
    const context = await browser.newContext()
    taken.push((await largestPaint(context, path === plain ? plain : house.url + path)).paintedMs)
    await context.close()
  }
const plainMs = median(times.get(plain) ?? [])
for (const [path, taken] of times) {
  const ms = median(taken)
  const name = path === plain ? 'a page of one line' : path
  console.log(`${name.padEnd(20)} ${ms.toFixed(0).padStart(6)} ms   ${(ms / plainMs).toFixed(1)} x`)
}
await browser.close()
await house.close()
