import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask, openPools, upstreamAt } from '#test/support/cared-upstream.ts'
import { answerOf, type RawUpstream, startRawUpstream } from '#test/support/raw-upstream.ts'
import { holdPoolClock } from '#test/support/upstream-call.ts'

const answering = (body: string): Promise<RawUpstream> =>
  startRawUpstream((socket) => socket.write(answerOf(body)))
const resetting = (): Promise<RawUpstream> => startRawUpstream((socket) => socket.resetAndDestroy())

/** An address where nobody listens, and nobody begins to: its port is given to nobody who asks for any. */
const deadUrl = 'http://127.0.0.1:1'

afterEach(() => {
  vi.useRealTimers()
})

/** An upstream that holds every answer until it is told to give it. */
async function holding() {
  const held: (() => void)[] = []
  const arrivals: (() => void)[] = []
  const upstream = await startRawUpstream((socket, head) => {
    held.push(() => socket.write(answerOf(head.split(' ')[1] ?? '')))
    for (const look of arrivals) look()
  })
  const arrived = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (upstream.heads.length >= count) resolve()
      }
      arrivals.push(look)
      look()
    })
  return { upstream, held, arrived }
}

describe('several targets', () => {
  it('share requests by their weights, each under its own name and base path', async () => {
    const [one, two] = [await answering('one'), await answering('two')]
    const { pools } = openPools()
    const upstream = upstreamAt([], {
      targets: [
        { index: 0, url: `${one.url}/v1/`, weight: 3 },
        { index: 1, url: two.url, weight: 1 },
      ],
    })
    const bodies: string[] = []
    for (let turn = 0; turn < 8; turn++) bodies.push((await ask(pools, upstream)).body)
    expect(bodies.join(' ')).toBe('one one two one one one two one')
    expect(one.heads[0]?.text).toContain(`GET /v1/x HTTP/1.1\r\nHost: 127.0.0.1:${one.port}\r\n`)
    expect(two.heads[0]?.text).toContain(`GET /x HTTP/1.1\r\nHost: 127.0.0.1:${two.port}\r\n`)
  })

  it('leave out the one whose breaker is open, until its probe succeeds', async () => {
    let isBroken = true
    const one = await startRawUpstream((socket) =>
      isBroken ? socket.resetAndDestroy() : socket.write(answerOf('one')),
    )
    const two = await answering('two')
    const { pools, clock, shown } = openPools()
    const upstream = upstreamAt([one.url, two.url], { breaker: { failures: 1, openMs: 1_000 } })
    expect((await ask(pools, upstream)).failure).toBe('reset')
    expect(shown.get('api/0')).toBe(false)
    for (let turn = 0; turn < 4; turn++) expect((await ask(pools, upstream)).body).toBe('two')
    isBroken = false
    clock.advance(1_000)
    const probes = [(await ask(pools, upstream)).body, (await ask(pools, upstream)).body]
    expect(probes).toContain('one')
    const bodies: string[] = []
    for (let turn = 0; turn < 4; turn++) bodies.push((await ask(pools, upstream)).body)
    expect(bodies.toSorted()).toEqual(['one', 'one', 'two', 'two'])
    expect(shown.get('api/0')).toBe(true)
  })
})

describe('a breaker', () => {
  it('refuses at once and says for how long, once all targets failed too often', async () => {
    const broken = await resetting()
    const { pools, clock, lines } = openPools()
    const upstream = upstreamAt([broken.url], { breaker: { failures: 2, openMs: 10_000 } })
    for (let turn = 0; turn < 2; turn++) expect((await ask(pools, upstream)).failure).toBe('reset')
    clock.advance(4_000)
    const { pool } = pools.door(upstream)
    const told = await new Promise<unknown[]>((resolve) => {
      let isInside = true
      const listener = {
        onHead() {},
        onData: () => true,
        onEnd() {},
        onDrain() {},
        onFailure: (...told: unknown[]) => resolve([isInside, ...told]),
      }
      pool.send({ method: 'GET', target: '/', headers: '', body: 'none', timeoutMs: 1_000 }, listener)
      isInside = false
    })
    expect(told).toEqual([false, 'open', 'the upstream failed too often just now', false, 6_000])
    expect(broken.heads).toHaveLength(2)
    expect(lines).toEqual(['upstream target failed too often and gets no requests'])
  })

  it('lets exactly one probe through when its time is over', async () => {
    const { upstream: server, held, arrived } = await holding()
    const { pools, clock } = openPools()
    const upstream = upstreamAt([server.url], { breaker: { failures: 1, openMs: 1_000 } })
    const first = ask(pools, upstream)
    await arrived(1)
    server.sockets[0]?.resetAndDestroy()
    expect((await first).failure).toBe('reset')
    clock.advance(1_000)
    expect(pools.status()[0]?.targets[0]?.breaker).toBe('half_open')
    const probe = ask(pools, upstream)
    const others = await Promise.all([ask(pools, upstream), ask(pools, upstream)])
    expect(others.map(({ failure }) => failure)).toEqual(['open', 'open'])
    await arrived(2)
    held[1]?.()
    expect((await probe).status).toBe(200)
    expect(pools.status()[0]?.targets[0]?.breaker).toBe('closed')
  })

  it('takes another probe when the client of the first one left', async () => {
    const broken = await resetting()
    const { pools, clock } = openPools()
    const upstream = upstreamAt([broken.url], { breaker: { failures: 1, openMs: 1_000 } })
    await ask(pools, upstream)
    clock.advance(1_000)
    void ask(pools, upstream, {}, (exchange) => exchange.abort())
    expect((await ask(pools, upstream)).failure).toBe('reset')
    expect((await ask(pools, upstream)).failure).toBe('open')
  })

  it.each([
    [true, 'open'],
    [false, undefined],
  ])('counts 503 as a failure when asked to: %s', async (breaksOnStatus, failure) => {
    const busy = await startRawUpstream((socket) =>
      socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'),
    )
    const { pools } = openPools()
    const upstream = upstreamAt([busy.url], { breaksOnStatus, breaker: { failures: 2, openMs: 1_000 } })
    for (let turn = 0; turn < 2; turn++) expect((await ask(pools, upstream)).status).toBe(503)
    expect((await ask(pools, upstream)).failure).toBe(failure)
  })
})

describe('a retry', () => {
  it('takes another target when no connection was made, under that one’s name and path', async () => {
    const two = await answering('two')
    const { pools } = openPools()
    const upstream = upstreamAt([`${deadUrl}/a`, `${two.url}/b`], { retries: 1 })
    expect(await ask(pools, upstream)).toMatchObject({ status: 200, body: 'two' })
    expect(two.heads[0]?.text).toContain(`GET /b/x HTTP/1.1\r\nHost: 127.0.0.1:${two.port}\r\n`)
  })

  it('takes the same target where there is no other, and no more often than it may', async () => {
    const broken = await resetting()
    const { pools } = openPools()
    const upstream = upstreamAt([broken.url], { retries: 3 })
    expect(await ask(pools, upstream)).toMatchObject({ failure: 'reset', sent: true })
    expect(broken.heads).toHaveLength(4)
  })

  it('is not taken for a POST, nor once a byte of the body was taken', async () => {
    const [broken, two] = [await resetting(), await answering('two')]
    const { pools } = openPools()
    const upstream = upstreamAt([broken.url, two.url], { retries: 5 })
    expect((await ask(pools, upstream, { method: 'POST' })).failure).toBe('reset')
    expect((await ask(pools, upstream)).body).toBe('two')
    const put = ask(pools, upstream, { method: 'PUT', body: 4 }, (exchange) =>
      exchange.write(Buffer.from('ab')),
    )
    expect((await put).failure).toBe('reset')
    expect(two.heads).toHaveLength(1)
  })

  it('is taken for a PUT whose body nobody has touched, and the body goes with it', async () => {
    let body = ''
    const two = await startRawUpstream((socket, _head, _turn, _connection, rest) => {
      const take = (bytes: Buffer): void => {
        body += bytes.toString()
        if (body.length === 4) socket.write(answerOf('two'))
      }
      take(rest)
      socket.on('data', take)
    })
    const { pools } = openPools()
    const upstream = upstreamAt([deadUrl, two.url], { retries: 1 })
    const onStart = (exchange: { end(chunk: Buffer): void }): void => {
      const send = (): void => {
        if (two.heads.length > 0) exchange.end(Buffer.from('abcd'))
        else setImmediate(send)
      }
      send()
    }
    expect((await ask(pools, upstream, { method: 'PUT', body: 4 }, onStart)).body).toBe('two')
    expect(body).toBe('abcd')
  })

  it('is not taken when the answer had begun', async () => {
    const broken = await startRawUpstream((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart', () => socket.resetAndDestroy()),
    )
    const { pools } = openPools()
    const upstream = upstreamAt([broken.url], { retries: 5 })
    expect(await ask(pools, upstream)).toMatchObject({ status: 200, failure: 'reset' })
    expect(broken.heads).toHaveLength(1)
  })

  it.each([
    [false, 'timeout', 1],
    [true, undefined, 2],
  ])('is taken after a timeout only when asked to: %s', async (retriesOnTimeout, failure, heads) => {
    const clock = holdPoolClock()
    const first = Promise.withResolvers<void>()
    const slow = await startRawUpstream((socket, _head, _turn, connection) => {
      if (connection > 0) socket.write(answerOf('late'))
      else first.resolve()
    })
    const { pools } = openPools()
    const upstream = upstreamAt([slow.url], { retries: 1, retriesOnTimeout })
    const asked = ask(pools, upstream, { timeoutMs: 1 })
    await first.promise
    clock.pass(100)
    expect((await asked).failure).toBe(failure)
    expect(slow.heads).toHaveLength(heads)
  })

  it('does not go on for a client that left', async () => {
    const { upstream: server, arrived } = await holding()
    const { pools } = openPools()
    const upstream = upstreamAt([server.url], { retries: 5 })
    void ask(pools, upstream, {}, (exchange) => void arrived(1).then(() => exchange.abort()))
    await arrived(1)
    await server.closed(0)
    expect(pools.status()[0]?.targets[0]).toMatchObject({ busy: 0 })
    expect(server.heads).toHaveLength(1)
  })
})

describe('the bound of connections', () => {
  it('refuses what is beyond it when nobody may wait', async () => {
    const { upstream: server, held, arrived } = await holding()
    const { pools } = openPools()
    const upstream = upstreamAt([server.url], { maxConnections: 2 })
    const served = [ask(pools, upstream), ask(pools, upstream)]
    expect(await ask(pools, upstream)).toMatchObject({ failure: 'busy', sent: false })
    await arrived(2)
    for (const answer of held) answer()
    expect((await Promise.all(served)).map(({ status }) => status)).toEqual([200, 200])
    expect(server.sockets).toHaveLength(2)
  })

  it('lets as many wait as may, in their order, without the ones that left', async () => {
    const { upstream: server, held, arrived } = await holding()
    const { pools } = openPools()
    const upstream = upstreamAt([server.url], { maxConnections: 1, maxPending: 2 })
    const first = ask(pools, upstream, { target: '/1' })
    void ask(pools, upstream, { target: '/left' }, (exchange) => exchange.abort())
    const second = ask(pools, upstream, { target: '/2' })
    const third = ask(pools, upstream, { target: '/3' })
    expect((await ask(pools, upstream)).failure).toBe('busy')
    expect(pools.status()[0]?.targets[0]).toMatchObject({ busy: 1, waiting: 2 })
    for (const [index, one] of [first, second, third].entries()) {
      await arrived(index + 1)
      held[index]?.()
      expect((await one).body).toBe(`/${index + 1}`)
    }
    expect(server.sockets).toHaveLength(1)
  })

  it('takes the next target while one is full', async () => {
    const { upstream: full, held, arrived } = await holding()
    const two = await answering('two')
    const { pools } = openPools()
    const upstream = upstreamAt([full.url, two.url], { maxConnections: 1 })
    const first = ask(pools, upstream)
    await arrived(1)
    for (let turn = 0; turn < 3; turn++) expect((await ask(pools, upstream)).body).toBe('two')
    held[0]?.()
    await first
  })

  it('keeps the body of one that waits, and tells it when to go on', async () => {
    let received = ''
    let turns = 0
    const server = await startRawUpstream((socket, head, _turn, _connection, rest) => {
      turns++
      if (head.startsWith('GET')) return void setImmediate(() => socket.write(answerOf('first')))
      const take = (bytes: Buffer): void => {
        received += bytes.toString()
        if (received === 'abcdef') socket.write(answerOf('whole'))
      }
      take(rest)
      socket.on('data', take)
    })
    const { pools } = openPools()
    const upstream = upstreamAt([server.url], { maxConnections: 1, maxPending: 1 })
    const first = ask(pools, upstream)
    const { pool } = pools.door(upstream)
    const body = await new Promise<string>((resolve, reject) => {
      const request = { method: 'POST', target: '/', headers: '', body: 6, timeoutMs: 20_000 } as const
      const exchange = pool.send(request, {
        onHead() {},
        onData: () => true,
        onEnd: (last) => resolve(String(last)),
        onFailure: reject,
        onDrain: () => exchange.end(Buffer.from('def')),
      })
      expect(exchange.write(Buffer.from('abc'))).toBe(false)
    })
    expect(body).toBe('whole')
    expect((await first).body).toBe('first')
    expect(turns).toBe(2)
  })

  it('refuses one that waited as long as an upstream may take', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { upstream: server, held, arrived } = await holding()
    const { pools } = openPools()
    const upstream = upstreamAt([server.url], { maxConnections: 1, maxPending: 1 })
    const first = ask(pools, upstream)
    const second = ask(pools, upstream, { timeoutMs: 5_000 })
    vi.advanceTimersByTime(5_000)
    expect(await second).toMatchObject({ failure: 'busy', sent: false })
    await arrived(1)
    held[0]?.()
    expect((await first).status).toBe(200)
    expect(server.heads).toHaveLength(1)
  })

  it('refuses an unsafe request at once, even one that would have waited', async () => {
    const { upstream: server } = await holding()
    const { pools } = openPools()
    const upstream = upstreamAt([server.url], { maxConnections: 1, maxPending: 1 })
    void ask(pools, upstream)
    await expect(ask(pools, upstream, { headers: 'A: b\nC: d\r\n' })).rejects.toThrow(RangeError)
    expect(pools.status()[0]?.targets[0]).toMatchObject({ waiting: 0 })
  })

  it('counts an unsafe request as none', async () => {
    const one = await answering('one')
    const { pools } = openPools()
    const upstream = upstreamAt([one.url], { maxConnections: 1 })
    await expect(ask(pools, upstream, { method: 'A B' })).rejects.toThrow(RangeError)
    const tooLong = (exchange: { write(chunk: Buffer): boolean }): void => {
      expect(() => exchange.write(Buffer.from('abc'))).toThrow(RangeError)
    }
    void ask(pools, upstream, { method: 'POST', body: 2 }, tooLong)
    expect((await ask(pools, upstream)).body).toBe('one')
  })
})
