import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, openPools, upstreamAt } from '#test/support/cared-upstream.ts'
import { answerOf, type RawUpstream, startRawUpstream } from '#test/support/raw-upstream.ts'

const healthCheck = {
  path: '/healthz',
  intervalMs: 10_000,
  timeoutMs: 2_000,
  healthyAfter: 2,
  unhealthyAfter: 3,
}

/** A target that answers requests with its name, and its checks with the status it is given. */
async function checked(name: string): Promise<RawUpstream & { answer(status: number): void }> {
  let status = 200
  const server = await startRawUpstream((socket, head) =>
    socket.write(
      head.startsWith('GET /healthz ')
        ? `HTTP/1.1 ${status} So\r\nContent-Length: 0\r\n\r\n`
        : answerOf(name),
    ),
  )
  return {
    ...server,
    answer(next) {
      status = next
    },
  }
}

/** Resolves when this many checks are decided and wait for their next turn. */
async function decided(checks: number): Promise<void> {
  while (vi.getTimerCount() < checks) await new Promise(setImmediate)
}

/** Waits for the checks under way and goes to the next ones, as often as said. */
async function goOn(checks: number, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await decided(checks)
    vi.advanceTimersByTime(healthCheck.intervalMs)
  }
  await decided(checks)
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('health checks', () => {
  it('take a target out after so many bad ones in a row, and bring it back after good ones', async () => {
    const [one, two] = [await checked('one'), await checked('two')]
    const { pools, shown, lines } = openPools()
    const upstream = upstreamAt([one.url, two.url], { healthCheck })
    pools.follow([upstream])
    await decided(2)
    one.answer(503)
    await goOn(2, 2)
    expect(shown.get('api/0')).toBe(true)
    await goOn(2, 1)
    expect(shown.get('api/0')).toBe(false)
    for (let turn = 0; turn < 4; turn++) expect((await ask(pools, upstream)).body).toBe('two')
    one.answer(302)
    await goOn(2, 1)
    expect(pools.status()[0]?.targets.map(({ health }) => health)).toEqual(['down', 'up'])
    await goOn(2, 1)
    const bodies = [(await ask(pools, upstream)).body, (await ask(pools, upstream)).body]
    expect(bodies).toEqual(['one', 'two'])
    expect(lines).toEqual(['upstream target fails its health checks', 'upstream target is healthy again'])
  })

  it('that all fail take nothing out: requests are tried all the same', async () => {
    const [one, two] = [await checked('one'), await checked('two')]
    const { pools, lines } = openPools()
    const upstream = upstreamAt([one.url, two.url], { healthCheck })
    for (const target of [one, two]) target.answer(500)
    pools.follow([upstream])
    await goOn(2, 2)
    expect(lines).toContain('no target passes its health checks: requests are tried all the same')
    const bodies = [(await ask(pools, upstream)).body, (await ask(pools, upstream)).body]
    expect(bodies).toEqual(['one', 'two'])
  })

  it('ask as requests do: under the target’s name and with its credentials, but without its base path', async () => {
    const one = await checked('one')
    const { pools } = openPools()
    const authHeader = ['Authorization', 'Bearer secret'] as const
    pools.follow([upstreamAt([`${one.url}/v1`], { healthCheck, authHeader })])
    await decided(1)
    expect(one.heads[0]?.text).toBe(
      `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${one.port}\r\nUser-Agent: apigate-health\r\nAccept: */*\r\nAuthorization: Bearer secret\r\n\r\n`,
    )
  })

  it('take silence for a bad sign', async () => {
    const silent = await startRawUpstream(() => {})
    const { pools, shown } = openPools()
    const check = { ...healthCheck, timeoutMs: 1, unhealthyAfter: 1 }
    pools.follow([upstreamAt([silent.url], { healthCheck: check })])
    await decided(1)
    expect(shown.get('api/0')).toBe(false)
  })

  it('do not take one of the connections that requests may have', async () => {
    const silent = await startRawUpstream((socket, head) => {
      if (!head.startsWith('GET /healthz ')) socket.write(answerOf('one'))
    })
    const { pools } = openPools()
    const upstream = upstreamAt([silent.url], { healthCheck, maxConnections: 1 })
    pools.follow([upstream])
    expect((await ask(pools, upstream)).body).toBe('one')
  })

  it('leave no answer open that has no end', async () => {
    const endless = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n')
      socket.write(`${'x'.repeat(0x10000)}\r\n1\r\nx\r\n`)
    })
    const { pools } = openPools()
    pools.follow([upstreamAt([endless.url], { healthCheck })])
    await decided(1)
    await endless.closed(0)
    expect(pools.status()[0]?.targets[0]).toMatchObject({ health: 'up', busy: 0 })
  })

  it('stop when the upstream goes, when they are switched off, and when everything closes', async () => {
    const one = await checked('one')
    const { pools, shown } = openPools()
    const upstream = upstreamAt([one.url], { healthCheck })
    pools.follow([upstream])
    await decided(1)
    pools.follow([])
    expect(vi.getTimerCount()).toBe(0)
    expect(shown.get('api/0')).toBe(null)
    pools.follow([upstreamAt([one.url], { healthCheck })])
    await decided(1)
    pools.follow([upstreamAt([one.url])])
    expect(vi.getTimerCount()).toBe(0)
    expect(pools.status()[0]?.targets[0]?.health).toBe('unchecked')
    pools.follow([upstreamAt([one.url], { healthCheck })])
    await decided(1)
    pools.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('go on undisturbed through a snapshot that does not touch them', async () => {
    const one = await checked('one')
    const { pools } = openPools()
    pools.follow([upstreamAt([one.url], { healthCheck })])
    await decided(1)
    pools.follow([upstreamAt([one.url], { healthCheck, timeoutMs: 5 })])
    expect(one.heads).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(1)
  })
})

describe('a new snapshot', () => {
  const breaker = { failures: 1, openMs: 10_000 }

  it('keeps breaker, turns and connections of an upstream that it does not touch', async () => {
    const [one, two] = [await checked('one'), await checked('two')]
    const { pools } = openPools()
    const next = () => {
      const upstream = upstreamAt([one.url, two.url])
      pools.follow([upstream])
      return upstream
    }
    const bodies: string[] = []
    for (let turn = 0; turn < 4; turn++) bodies.push((await ask(pools, next())).body)
    expect(bodies).toEqual(['one', 'two', 'one', 'two'])
    expect([one.sockets.length, two.sockets.length]).toEqual([1, 1])
  })

  it('keeps the open breaker of a target that stays when others change', async () => {
    const broken = await startRawUpstream((socket) => socket.resetAndDestroy())
    const two = await checked('two')
    const { pools } = openPools()
    await ask(pools, upstreamAt([broken.url], { breaker }))
    const changed = upstreamAt([two.url, broken.url], { breaker, retries: 1 })
    pools.follow([changed])
    for (let turn = 0; turn < 3; turn++) expect((await ask(pools, changed)).body).toBe('two')
    expect(pools.status()[0]?.targets.map(({ breaker }) => breaker)).toEqual(['closed', 'open'])
    expect(broken.heads).toHaveLength(1)
  })

  it('closes an open breaker that it switches off', async () => {
    const broken = await startRawUpstream((socket) => socket.resetAndDestroy())
    const { pools, shown } = openPools()
    await ask(pools, upstreamAt([broken.url], { breaker }))
    const changed = upstreamAt([broken.url])
    expect((await ask(pools, changed)).failure).toBe('reset')
    expect(shown.get('api/0')).toBe(true)
  })

  it('lets a request of the old one go where the new one says, and end on a target that is gone', async () => {
    let answer = (): void => {}
    const one = await startRawUpstream((socket) => {
      answer = () => socket.write(answerOf('one'))
    })
    const two = await checked('two')
    const { pools } = openPools()
    const old = upstreamAt([one.url])
    const running = ask(pools, old)
    while (one.heads.length === 0) await new Promise(setImmediate)
    pools.follow([upstreamAt([two.url])])
    expect((await ask(pools, old)).body).toBe('two')
    answer()
    expect((await running).body).toBe('one')
    await one.closed(0)
  })

  it('that raises the bound lets those begin that wait', async () => {
    const held: (() => void)[] = []
    const one = await startRawUpstream((socket) => held.push(() => socket.write(answerOf('one'))))
    const { pools } = openPools()
    const upstream = upstreamAt([one.url], { maxConnections: 1, maxPending: 5 })
    const both = [ask(pools, upstream), ask(pools, upstream)]
    pools.follow([{ ...upstream, maxConnections: 2 }])
    while (held.length < 2) await new Promise(setImmediate)
    for (const answer of held) answer()
    expect((await Promise.all(both)).map(({ body }) => body)).toEqual(['one', 'one'])
  })
})

it('the status shows every upstream with its targets as they are', async () => {
  const [one, two] = [await checked('one'), await checked('two')]
  const { pools } = openPools()
  const upstream = upstreamAt([], {
    targets: [
      { index: 0, url: one.url, weight: 2 },
      { index: 2, url: two.url, weight: 1 },
    ],
  })
  await ask(pools, upstream)
  const still = { health: 'unchecked', breaker: 'closed', busy: 0, waiting: 0 }
  expect(pools.status()).toEqual([
    {
      id: 'ups_1',
      name: 'api',
      targets: [
        { ...still, index: 0, url: one.url, weight: 2, idle: 1 },
        { ...still, index: 2, url: two.url, weight: 1, idle: 0 },
      ],
    },
  ])
})
