import type { BrowserContext } from 'playwright-core'

/** How many times slower than this machine's the processor is on which pages are measured. */
const slowdown = 4

/** What `count` takes on that processor of the machine that budgets are meant for, when nothing else runs there. */
const usualCountMs = 200

const paint = `new Promise((done) => {
  // A browser that was busy with another window may never say: that is no time at all.
  setTimeout(() => done(Infinity), 10_000)
  new PerformanceObserver((seen) => done(seen.getEntries().at(-1).startTime))
    .observe({ type: 'largest-contentful-paint', buffered: true })
})`

const count = `(() => {
  const begin = performance.now()
  let sum = 0
  for (let at = 0; at < 4_000_000; at += 1) sum = (sum + at * at) % 1_000_003
  return sum < 0 ? 0 : performance.now() - begin
})()`

export interface LargestPaint {
  /** Milliseconds from asking for a page until its largest thing is painted, on a slow processor and with nothing kept from before. */
  readonly paintedMs: number
  /** How many times slower than usual the machine was in that moment, at least 1: counting tells, which is the same work everywhere. */
  readonly slower: number
}

/** Loads a page in a window of its own, and closes it. */
export async function largestPaint(context: BrowserContext, url: string): Promise<LargestPaint> {
  const page = await context.newPage()
  try {
    const debug = await context.newCDPSession(page)
    await debug.send('Network.setCacheDisabled', { cacheDisabled: true })
    await debug.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    await page.goto(url)
    await page.waitForLoadState('networkidle')
    const paintedMs = await page.evaluate<number>(paint)
    const countedMs = await page.evaluate<number>(count)
    return { paintedMs, slower: Math.max(1, countedMs / usualCountMs) }
  } finally {
    await page.close()
  }
}
