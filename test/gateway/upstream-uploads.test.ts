import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { UpstreamExchange } from '#gateway/upstream/types.ts'
import { pour, pouredPieces } from '#test/support/byte-pattern.ts'
import { answerOf, startRawUpstream } from '#test/support/raw-upstream.ts'
import { call, holdPoolClock, openPool } from '#test/support/upstream-call.ts'

const ok = answerOf('ok')
const bigBytes = 64 * 1024 * 1024

/** Reads a body as raw bytes and answers how many they were once `isEnd` says so. */
function countRaw(socket: Socket, rest: Buffer, isEnd: (seen: number, tail: string) => boolean): void {
  let seen = 0
  let tail = ''
  const take = (bytes: Buffer): void => {
    seen += bytes.length
    tail = (tail + bytes.subarray(-16).toString('latin1')).slice(-16)
    if (!isEnd(seen, tail)) return
    socket.removeAllListeners('data')
    for (const readHead of readHeads) socket.on('data', readHead)
    socket.write(answerOf(String(seen)))
  }
  const readHeads = socket.listeners('data') as ((bytes: Buffer) => void)[]
  socket.removeAllListeners('data')
  socket.on('data', take)
  take(rest)
}

describe('a request body', () => {
  it('that is ready at once leaves together with its head', async () => {
    const upstream = await startRawUpstream((socket, head, _, __, rest) => {
      socket.write(answerOf(`${head}${rest}`))
    })
    const pool = openPool(upstream.url)
    const post = async (body: number | 'chunked', onStart: (exchange: UpstreamExchange) => void) =>
      (await call(pool, { method: 'POST', body }, { onStart })).body
    expect(await post(3, (exchange) => exchange.end(Buffer.from('abc')))).toBe(
      'POST / HTTP/1.1\r\nHost: upstream\r\nContent-Length: 3\r\n\r\nabc',
    )
    expect(await post('chunked', (exchange) => exchange.end(Buffer.from('abc')))).toBe(
      'POST / HTTP/1.1\r\nHost: upstream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    )
    expect(await post('chunked', (exchange) => exchange.end())).toBe(
      'POST / HTTP/1.1\r\nHost: upstream\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    )
    expect(await post(0, (exchange) => exchange.end())).toBe(
      'POST / HTTP/1.1\r\nHost: upstream\r\nContent-Length: 0\r\n\r\n',
    )
  })

  it('that comes in pieces keeps them in order, and an empty piece does not end it', async () => {
    const upstream = await startRawUpstream((socket, _, __, ___, rest) => {
      let seen = ''
      const take = (bytes: Buffer): void => {
        seen += bytes.toString('latin1')
        if (seen.endsWith('0\r\n\r\n')) socket.write(answerOf(seen))
      }
      socket.removeAllListeners('data').on('data', take)
      take(rest)
    })
    const onStart = (exchange: UpstreamExchange): void => {
      exchange.write(Buffer.from('ab'))
      exchange.write(Buffer.alloc(0))
      exchange.write(Buffer.alloc(10_000, 'c'))
      exchange.end(Buffer.from('d'))
    }
    const called = await call(openPool(upstream.url), { method: 'POST', body: 'chunked' }, { onStart })
    expect(called.body).toBe(`2\r\nab\r\n2710\r\n${'c'.repeat(10_000)}\r\n1\r\nd\r\n0\r\n\r\n`)
  })

  it('that is late does not hold its head back', async () => {
    const arrival = Promise.withResolvers<void>()
    const upstream = await startRawUpstream((socket, _, __, ___, rest) => {
      countRaw(socket, rest, (seen) => seen === 3)
      arrival.resolve()
    })
    const pool = openPool(upstream.url)
    const start = Promise.withResolvers<UpstreamExchange>()
    const called = call(pool, { method: 'PUT', body: 3 }, { onStart: start.resolve })
    await arrival.promise
    const exchange = await start.promise
    exchange.end(Buffer.from('abc'))
    expect((await called).body).toBe('3')
    expect(pool.stats()).toEqual({ idle: 1, busy: 0 })
  })

  it.each(['known length', 'chunked'])(
    'of 64 MiB (%s) is sent no faster than the upstream reads',
    async (name) => {
      const isChunked = name === 'chunked'
      const { count, pieceBytes, lastBytes } = pouredPieces(bigBytes)
      const framingBytes = (bytes: number): number => bytes.toString(16).length + 4
      const framing = isChunked ? (count - 1) * framingBytes(pieceBytes) + framingBytes(lastBytes) + 5 : 0
      const reading = Promise.withResolvers<() => void>()
      const upstream = await startRawUpstream((socket, head, _, __, rest) => {
        if (!head.startsWith('POST')) return void socket.write(ok)
        socket.pause()
        reading.resolve(() => {
          countRaw(socket, rest, (seen, tail) => (isChunked ? tail.endsWith('0\r\n\r\n') : seen === bigBytes))
          socket.resume()
        })
      })
      const pool = openPool(upstream.url)
      let sent = { written: 0, proceed: () => {} }
      const onStart = (exchange: UpstreamExchange): void => {
        sent = pour(bigBytes, (chunk, isLast) => {
          if (isLast) exchange.end(chunk)
          return isLast || exchange.write(chunk)
        })
      }
      const called = call(
        pool,
        { method: 'POST', body: isChunked ? 'chunked' : bigBytes },
        { onStart, onDrain: () => sent.proceed() },
      )
      const startReading = await reading.promise
      for (let turn = 0; turn < 100; turn++) await call(pool)
      expect(sent.written).toBeLessThan(bigBytes / 2)
      startReading()
      expect(Number((await called).body)).toBe(bigBytes + framing)
    },
  )

  it('that is answered early is cut off after the answer, with its connection', async () => {
    const refusal = 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig'
    const upstream = await startRawUpstream((socket) => socket.write(refusal))
    const pool = openPool(upstream.url)
    const start = Promise.withResolvers<UpstreamExchange>()
    const onStart = (exchange: UpstreamExchange): void => {
      exchange.write(Buffer.from('first'))
      start.resolve(exchange)
    }
    const called = await call(pool, { method: 'POST', body: 100 }, { onStart })
    expect(called).toMatchObject({ status: 413, body: 'big' })
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
    await upstream.closed(0)
    const exchange = await start.promise
    expect(exchange.write(Buffer.from('second'))).toBe(true)
    exchange.end()
  })

  it('longer or shorter than its length is refused, and the connection with it', async () => {
    const upstream = await startRawUpstream(() => {})
    const pool = openPool(upstream.url)
    const silent = {
      onHead: () => {},
      onData: () => true,
      onEnd: () => {},
      onFailure: () => {},
      onDrain: () => {},
    }
    const request = { method: 'POST', target: '/', headers: '', timeoutMs: 20_000 }
    const send = (body: number | 'chunked'): UpstreamExchange => pool.send({ ...request, body }, silent)
    expect(() => send(3).write(Buffer.from('four'))).toThrow(RangeError)
    expect(() => send(3).end(Buffer.from('no'))).toThrow(RangeError)
    expect(() => send(3).end()).toThrow(RangeError)
    const ended = send('chunked')
    ended.end()
    expect(() => ended.write(Buffer.from('more'))).toThrow(RangeError)
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
  })

  it('that is the caller’s to send does not count as the upstream’s silence', async () => {
    const clock = holdPoolClock()
    const upstream = await startRawUpstream((socket, _, __, ___, rest) => {
      countRaw(socket, rest, (seen) => seen === 4)
    })
    const pool = openPool(upstream.url)
    const send = async (): Promise<string> => {
      const start = Promise.withResolvers<UpstreamExchange>()
      const before = upstream.heads.length
      const called = call(pool, { method: 'POST', body: 4, timeoutMs: 60 }, { onStart: start.resolve })
      while (upstream.heads.length === before) await new Promise(setImmediate)
      clock.pass(600)
      const exchange = await start.promise
      exchange.end(Buffer.from('here'))
      return (await called).body
    }
    expect(await send()).toBe('4')
    expect(await send()).toBe('4')
    expect(upstream.sockets).toHaveLength(1)
  })

  it('that was held up and flows again is the caller’s to send', async () => {
    const clock = holdPoolClock()
    const total = 8 * 1024 * 1024
    const upstream = await startRawUpstream((socket, _, __, ___, rest) => {
      countRaw(socket, rest, (seen) => seen === total)
    })
    const drained = Promise.withResolvers<void>()
    const start = Promise.withResolvers<UpstreamExchange>()
    const request = { method: 'POST', body: total, timeoutMs: 60 }
    const called = call(openPool(upstream.url), request, { onStart: start.resolve, onDrain: drained.resolve })
    const exchange = await start.promise
    expect(exchange.write(Buffer.alloc(total - 4))).toBe(false)
    await drained.promise
    clock.pass(600)
    exchange.end(Buffer.from('here'))
    expect((await called).body).toBe(String(total))
  })

  it('that the upstream stops reading is its silence', async () => {
    const clock = holdPoolClock()
    const upstream = await startRawUpstream((socket) => socket.pause())
    const pool = openPool(upstream.url)
    let sent = { written: 0, proceed: () => {} }
    const onStart = (exchange: UpstreamExchange): void => {
      sent = pour(bigBytes, (chunk) => exchange.write(chunk))
    }
    const request = { method: 'POST', body: bigBytes, timeoutMs: 60 }
    const called = call(pool, request, { onStart, onDrain: () => sent.proceed() })
    while (upstream.heads.length === 0) await new Promise(setImmediate)
    let isOver = false
    void called.then(() => (isOver = true))
    for (; !isOver; await new Promise(setImmediate)) clock.pass(50)
    expect(await called).toMatchObject({ failure: 'timeout', sent: true })
  })
})
