import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AskedAnswer } from './asked-answer.ts'
import { createFetches } from './fetches.ts'
import type { StoredHead } from './stored-answers.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const head: StoredHead = {
  status: 200,
  reason: '',
  headers: [],
  vary: [],
  lifetimeMs: 1_000,
  bornAtMs: 0,
  isForAnyone: false,
}

function asking(fields: Partial<AskedAnswer['place']> = {}, hasCredentials = false): AskedAnswer {
  return {
    method: 'GET',
    rules: { ttlSeconds: 0, maxBodyBytes: 1_000, isShared: false },
    place: { routeId: 'rte_1', revision: '1', resource: 'ups_1 /a', scope: 'org_1', ...fields },
    conditions: { ifNoneMatch: undefined, ifModifiedSince: undefined },
    directives: undefined,
    hasCredentials,
    headers: [],
    requestHeader: () => undefined,
  }
}

function register() {
  let now = 0
  const fetches = createFetches({ now: () => now })
  return {
    fetches,
    pass: (ms: number) => {
      now += ms
    },
    /** Waits: what became of it, or that there was nobody to wait for. */
    wait(asked: AskedAnswer, fits = true) {
      const became: (boolean | undefined)[] = []
      const leave = fetches.join(asked, { fits: () => fits, goOn: (mayWait) => became.push(mayWait) })
      return { isWaiting: leave !== undefined, leave, became }
    },
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('whoever waits for the answer of another', () => {
  it('waits only for its own place, revision and kind of credentials', () => {
    const { fetches, wait } = register()
    fetches.begin(asking(), true)
    expect(wait(asking()).isWaiting).toBe(true)
    for (const other of [{ scope: 'org_2' }, { routeId: 'rte_2' }, { revision: '2' }, { resource: 'b' }])
      expect(wait(asking(other)).isWaiting).toBe(false)
    expect(wait(asking({}, true)).isWaiting).toBe(false)
  })

  it('goes on alone when the body takes too long, and so does who comes later', async () => {
    const { fetches, wait } = register()
    const watch = fetches.begin(asking(), true)
    const first = wait(asking())
    vi.advanceTimersByTime(60_000)
    watch.onHead(head)
    vi.advanceTimersByTime(4_999)
    await turn()
    expect(first.became).toEqual([])
    vi.advanceTimersByTime(1)
    await turn()
    expect(first.became).toEqual([false])
    expect(wait(asking()).isWaiting).toBe(false)
    fetches.begin(asking(), true)
    watch.onOver(true)
    expect(wait(asking()).isWaiting, 'for the one after it').toBe(true)
  })

  it('goes on once, by who left or what came, and not at all when it has left itself', async () => {
    const { fetches, wait } = register()
    const watch = fetches.begin(asking(), true)
    const [first, second, third] = [wait(asking()), wait(asking(), false), wait(asking())]
    third.leave?.()
    watch.onHead(head)
    watch.onGone()
    watch.onOver(true)
    await turn()
    expect([first.became, second.became, third.became]).toEqual([[true], [false], []])
  })

  it('does so again a minute after answers were not kept, or as soon as one is', () => {
    const { fetches, wait, pass } = register()
    const stale = { ...head, lifetimeMs: 0 }
    for (const unkept of [undefined, stale]) {
      fetches.begin(asking(), true).onHead(unkept)
      pass(59_999)
      const unwaited = fetches.begin(asking(), true)
      expect(wait(asking()).isWaiting).toBe(false)
      unwaited.onHead({ ...head, bornAtMs: Number.MAX_SAFE_INTEGER })
      const waited = fetches.begin(asking(), true)
      expect(wait(asking()).isWaiting).toBe(true)
      waited.onHead(undefined)
      pass(60_000)
      fetches.begin(asking(), true).onGone()
    }
  })

  it('is not held up by an answer that was not kept, however much the route says of itself', () => {
    const { fetches, wait } = register()
    const long = { revision: 'r'.repeat(10_000) }
    fetches.begin(asking(long), true).onHead(undefined)
    fetches.begin(asking(long), true)
    expect(wait(asking(long)).isWaiting).toBe(false)
  })

  it('waits again for an address too long to be remembered', () => {
    const { fetches, wait } = register()
    const long = { resource: 'x'.repeat(1_000) }
    fetches.begin(asking(long), true).onHead(undefined)
    fetches.begin(asking(long), true)
    expect(wait(asking(long)).isWaiting).toBe(true)
  })

  it('is not held up by requests whose answers are for nobody else', () => {
    const { fetches, wait } = register()
    const watch = fetches.begin(asking(), false)
    expect(wait(asking()).isWaiting).toBe(false)
    watch.onHead(undefined)
    fetches.begin(asking(), true)
    expect(wait(asking()).isWaiting).toBe(true)
  })
})
