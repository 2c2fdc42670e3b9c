import { describe, expect, it } from 'vitest'
import { answerOf, startRawUpstream } from '#test/support/raw-upstream.ts'
import { call, holdPoolClock, openPool } from '#test/support/upstream-call.ts'

const ok = answerOf('ok')

describe('connections are used again', () => {
  it('the one that was used last first, and no more of them are kept than the bound', async () => {
    const waiting: (() => void)[] = []
    const upstream = await startRawUpstream((socket, head, _, connection) => {
      const answer = (): unknown => socket.write(answerOf(String(connection)))
      if (head.includes('/wait')) waiting.push(answer)
      else answer()
    })
    const pool = openPool(upstream.url, { maxIdleConns: 2 })
    const calls = new Map([0, 1, 2].map((one) => [one, call(pool, { target: '/wait' }).then(() => one)]))
    while (waiting.length < 3) await new Promise(setImmediate)
    expect(pool.stats()).toEqual({ idle: 0, busy: 3 })
    for (const answer of waiting) {
      answer()
      calls.delete(await Promise.race(calls.values()))
    }
    const [, second, third] = upstream.heads.map(({ connection }) => String(connection))
    expect(pool.stats()).toEqual({ idle: 2, busy: 0 })
    await upstream.closed(Number(third))
    expect((await call(pool)).body).toBe(second)
    expect((await call(pool)).body).toBe(second)
    expect(upstream.sockets).toHaveLength(3)
  })

  it('until they were idle too long', async () => {
    const upstream = await startRawUpstream((socket) => socket.write(ok))
    const pool = openPool(upstream.url, { idleConnTimeoutMs: 60 })
    await call(pool)
    expect(pool.stats()).toEqual({ idle: 1, busy: 0 })
    await upstream.closed(0)
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
  })

  it('and after close the idle ones end at once, the busy ones with their exchange', async () => {
    let answer = (): void => {}
    const upstream = await startRawUpstream((socket, head) => {
      answer = () => socket.write(ok)
      if (!head.includes('/wait')) answer()
    })
    const pool = openPool(upstream.url)
    const busy = call(pool, { target: '/wait' })
    await call(pool)
    pool.close()
    expect(pool.stats()).toEqual({ idle: 0, busy: 1 })
    const waiting = upstream.heads.find(({ text }) => text.includes('/wait'))
    await upstream.closed(1 - (waiting?.connection ?? 0))
    upstream.sockets[waiting?.connection ?? 0]?.write(ok)
    expect(await busy).toMatchObject({ body: 'ok' })
    await upstream.closed(waiting?.connection ?? 0)
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
  })
})

describe('a reused connection that turns out dead', () => {
  const killSecond = (socket: import('node:net').Socket, turn: number): unknown =>
    turn === 0 ? socket.write(ok) : socket.resetAndDestroy()

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])(
    'costs a %s one retry on a fresh one',
    async (method) => {
      const upstream = await startRawUpstream((socket, _, turn) => killSecond(socket, turn))
      const pool = openPool(upstream.url)
      await call(pool)
      expect(await call(pool, { method })).toMatchObject({ status: 200 })
      expect(upstream.heads.map(({ connection }) => connection)).toEqual([0, 0, 1])
    },
  )

  it.each([
    ['POST', { method: 'POST' } as const],
    ['PATCH', { method: 'PATCH' } as const],
    ['PUT with a body', { method: 'PUT', body: 2 } as const],
  ])('fails a %s, which may have been carried out', async (_, request) => {
    const upstream = await startRawUpstream((socket, _head, turn) => killSecond(socket, turn))
    const pool = openPool(upstream.url)
    await call(pool)
    const called = await call(pool, request, {
      onStart: (exchange) => exchange.end('body' in request ? Buffer.from('ok') : undefined),
    })
    expect(called).toMatchObject({ failure: 'reset', sent: true })
    expect(upstream.heads).toHaveLength(2)
  })

  it('is retried once only', async () => {
    const upstream = await startRawUpstream((socket, _, turn, connection) =>
      connection === 0 ? killSecond(socket, turn) : socket.resetAndDestroy(),
    )
    const pool = openPool(upstream.url)
    await call(pool)
    expect(await call(pool)).toMatchObject({ failure: 'reset', sent: true })
    expect(upstream.heads.map(({ connection }) => connection)).toEqual([0, 0, 1])
  })

  it('is not retried once a byte of the answer came', async () => {
    const upstream = await startRawUpstream((socket, _, turn) =>
      turn === 0 ? socket.write(ok) : socket.end('HTTP/1.1 200'),
    )
    const pool = openPool(upstream.url)
    await call(pool)
    expect(await call(pool)).toMatchObject({ failure: 'reset', sent: true })
    expect(upstream.heads).toHaveLength(2)
  })

  it('is noticed before it is used when the upstream closed it in time', async () => {
    const upstream = await startRawUpstream((socket) => socket.end(ok))
    const pool = openPool(upstream.url)
    await call(pool)
    await upstream.closed(0)
    expect(await call(pool, { method: 'POST' })).toMatchObject({ body: 'ok' })
  })
})

describe('bytes that nobody asked for', () => {
  const stolen = answerOf('stolen')

  it('behind a complete answer never become the answer to another request', async () => {
    const upstream = await startRawUpstream((socket, _, __, connection) =>
      socket.write(connection === 0 ? ok + stolen : answerOf('mine')),
    )
    const pool = openPool(upstream.url)
    expect(await call(pool)).toMatchObject({ body: 'ok' })
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
    await upstream.closed(0)
    expect(await call(pool)).toMatchObject({ body: 'mine' })
  })

  it('behind an answer without a body neither', async () => {
    const raw = `HTTP/1.1 304 Not Modified\r\nContent-Length: ${stolen.length}\r\n\r\n${stolen}`
    const upstream = await startRawUpstream((socket, _, __, connection) =>
      socket.write(connection === 0 ? raw : answerOf('mine')),
    )
    const pool = openPool(upstream.url)
    expect(await call(pool)).toMatchObject({ status: 304, body: '' })
    expect(await call(pool)).toMatchObject({ body: 'mine' })
  })

  it('on an idle connection close it', async () => {
    const upstream = await startRawUpstream((socket, _, __, connection) =>
      socket.write(connection === 0 ? ok : answerOf('mine')),
    )
    const pool = openPool(upstream.url)
    await call(pool)
    expect(pool.stats()).toEqual({ idle: 1, busy: 0 })
    upstream.sockets[0]?.write(stolen)
    await upstream.closed(0)
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
    expect(await call(pool)).toMatchObject({ body: 'mine' })
  })
})

describe('an upstream that cannot be had', () => {
  it('refuses: connect, nothing sent', async () => {
    // Nobody who asks for any port gets this one.
    const pool = openPool('http://127.0.0.1:1')
    expect(await call(pool, { method: 'POST' })).toMatchObject({ failure: 'connect', sent: false })
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
  })

  it('has no address: connect, nothing sent', async () => {
    expect(await call(openPool('http://no-such-host.invalid'))).toMatchObject({
      failure: 'connect',
      sent: false,
    })
  })

  it.each(['ftp://host', 'nonsense', 'unix:/socket'])('%s is no base URL', (baseUrl) => {
    expect(() => openPool(baseUrl)).toThrow()
  })
})

describe('silence', () => {
  it('before the head is a timeout, and the connection is gone', async () => {
    const clock = holdPoolClock()
    const arrived = Promise.withResolvers<void>()
    const upstream = await startRawUpstream(() => arrived.resolve())
    const pool = openPool(upstream.url)
    const called = call(pool, { timeoutMs: 60 })
    await arrived.promise
    clock.pass(200)
    expect(await called).toMatchObject({ failure: 'timeout', sent: true })
    await upstream.closed(0)
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
  })

  it('is not broken by a head that drips', async () => {
    const clock = holdPoolClock()
    const arrived = Promise.withResolvers<void>()
    const upstream = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      arrived.resolve()
    })
    const other = openPool((await startRawUpstream((socket) => socket.write(ok))).url)
    const called = call(openPool(upstream.url), { timeoutMs: 100 })
    await arrived.promise
    for (let drop = 0; drop < 4; drop++) {
      upstream.sockets[0]?.write('X-A: 1\r\n')
      // What was written before is there when this is answered.
      for (let turn = 0; turn < 3; turn++) await call(other)
      clock.pass(50)
    }
    expect(await called).toMatchObject({ failure: 'timeout', sent: true })
  })

  it('in the middle of a body is a timeout', async () => {
    const clock = holdPoolClock()
    const upstream = await startRawUpstream((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'),
    )
    const begun = Promise.withResolvers<void>()
    const onData = (): boolean => {
      begun.resolve()
      return true
    }
    const called = call(openPool(upstream.url), { timeoutMs: 60 }, { onData })
    await begun.promise
    clock.pass(200)
    expect(await called).toMatchObject({ status: 200, body: 'he', failure: 'timeout' })
  })

  it('of a reader that paused is nobody else’s fault', async () => {
    const clock = holdPoolClock()
    const upstream = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhe')
    })
    const pool = openPool(upstream.url)
    const begun = Promise.withResolvers<void>()
    let resume = (): void => {}
    const slow = call(
      pool,
      { timeoutMs: 60 },
      {
        onStart: (exchange) => (resume = () => exchange.resume()),
        onData: () => {
          begun.resolve()
          return false
        },
      },
    )
    await begun.promise
    clock.pass(600)
    upstream.sockets[0]?.write('re')
    resume()
    expect(await slow).toMatchObject({ body: 'here' })
  })
})
