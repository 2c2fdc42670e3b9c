import { describe, expect, it } from 'vitest'
import type { UpstreamExchange } from '#gateway/upstream/types.ts'
import { createPatternChecker, pour } from '#test/support/byte-pattern.ts'
import { answerOf, startRawUpstream } from '#test/support/raw-upstream.ts'
import { call, openPool } from '#test/support/upstream-call.ts'

const ok = answerOf('ok')
const bigBytes = 64 * 1024 * 1024

describe('a body of 64 MiB for a slow reader', () => {
  it.each([
    ['known length', `HTTP/1.1 200 OK\r\nContent-Length: ${bigBytes}\r\n\r\n`, false],
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', true],
    ['until close', 'HTTP/1.1 200 OK\r\n\r\n', false],
  ])('(%s) is read no faster than it is taken, and is the same bytes', async (name, head, isChunked) => {
    const upstream = await startRawUpstream((socket) => {
      socket.write(head)
      const stream = pour(bigBytes, (chunk, isLast) => {
        if (isChunked) socket.write(`${chunk.length.toString(16)}\r\n`)
        const isRoomLeft = socket.write(chunk)
        if (isChunked) socket.write(isLast ? '\r\n0\r\n\r\n' : '\r\n')
        if (isLast && name === 'until close') socket.end()
        return isRoomLeft
      })
      socket.on('drain', stream.proceed)
    })
    const checker = createPatternChecker()
    const pool = openPool(upstream.url)
    let sincePause = 0
    let largest = 0
    await new Promise<void>((resolve, reject) => {
      const request = { method: 'GET', target: '/', headers: '', body: 'none', timeoutMs: 20_000 } as const
      const exchange: UpstreamExchange = pool.send(request, {
        onHead: () => {},
        onData: (chunk) => {
          checker.take(chunk)
          sincePause += chunk.length
          largest = Math.max(largest, sincePause)
          setImmediate(() => {
            sincePause = 0
            exchange.resume()
          })
          return false
        },
        onEnd: (last) => {
          if (last !== undefined) checker.take(last)
          resolve()
        },
        onFailure: (failure, detail) => reject(new Error(`${failure}: ${detail}`)),
        onDrain: () => {},
      })
    })
    expect(checker.count).toBe(bigBytes)
    expect(largest).toBeLessThanOrEqual(64 * 1024)
  })

  it('may be kept piece by piece: no later read changes what was handed over', async () => {
    const total = 2 * 1024 * 1024
    const upstream = await startRawUpstream((socket, _, turn) => {
      if (turn > 0) return void socket.write(answerOf('x'.repeat(5000)))
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
      const stream = pour(total, (chunk) => socket.write(chunk))
      socket.on('drain', stream.proceed)
    })
    const pool = openPool(upstream.url)
    const kept: Buffer[] = []
    const keep = {
      onData: (chunk: Buffer) => kept.push(chunk) > 0,
      onEnd: (last: Buffer | undefined) => {
        if (last !== undefined) kept.push(last)
      },
    }
    await call(pool, {}, keep)
    const checker = createPatternChecker()
    await call(pool)
    await call(pool)
    for (const chunk of kept) checker.take(chunk)
    expect(checker.count).toBe(total)
    expect(upstream.sockets).toHaveLength(1)
  })

  it('that is small may be kept as well', async () => {
    const upstream = await startRawUpstream((socket, head) => {
      socket.write(answerOf(head.split(' ')[1] ?? ''))
    })
    const pool = openPool(upstream.url)
    const kept: (Buffer | undefined)[] = []
    const onEnd = (last: Buffer | undefined): unknown => kept.push(last)
    const targets = ['/first', '/other', '/third']
    for (const target of targets) await call(pool, { target }, { onEnd })
    expect(kept.map(String)).toEqual(targets)
    expect(upstream.sockets).toHaveLength(1)
  })

  it('stays with the upstream while the reader stands still', async () => {
    let sent = { written: 0, proceed: () => {} }
    const upstream = await startRawUpstream((socket, head) => {
      if (!head.includes('/big')) return void socket.write(ok)
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bigBytes}\r\n\r\n`)
      sent = pour(bigBytes, (chunk) => socket.write(chunk))
      socket.on('drain', sent.proceed)
    })
    const pool = openPool(upstream.url)
    let pieces = 0
    let started = (_: UpstreamExchange): void => {}
    const exchange = new Promise<UpstreamExchange>((resolve) => {
      started = resolve
    })
    const big = call(pool, { target: '/big' }, { onStart: started, onData: () => pieces++ < 0 })
    for (let turn = 0; turn < 200; turn++) await call(pool)
    expect(pieces).toBe(1)
    expect(sent.written).toBeLessThan(bigBytes / 2)
    const running = await exchange
    running.abort()
    await upstream.closed(0)
    await Promise.race([big.then(() => Promise.reject(new Error('called after abort'))), call(pool)])
  })
})
