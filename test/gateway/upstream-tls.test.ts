import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import type { UpstreamExchange } from '#gateway/upstream/types.ts'
import { createPatternChecker, pour } from '#test/support/byte-pattern.ts'
import { answerOf, startRawUpstream } from '#test/support/raw-upstream.ts'
import { call, openPool } from '#test/support/upstream-call.ts'

const ok = answerOf('ok')
const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/upstream-tls/${name}`, import.meta.url), 'utf8')
const identity = { cert: fixture('certificate.pem'), key: fixture('key.pem') }
const trust = { tls: { ca: identity.cert } }

describe('TLS', () => {
  it('carries requests one after another on a verified connection', async () => {
    const upstream = await startRawUpstream((socket) => socket.write(ok), createTlsServer(identity))
    const pool = openPool(`https://localhost:${upstream.port}`, trust)
    expect(await call(pool)).toMatchObject({ body: 'ok' })
    expect(await call(pool)).toMatchObject({ body: 'ok' })
    expect(upstream.sockets).toHaveLength(1)
    expect(upstream.sockets[0]).toMatchObject({ servername: 'localhost' })
  })

  it('carries a big body at the reader’s pace, and goes on after it', async () => {
    const total = 8 * 1024 * 1024
    const upstream = await startRawUpstream((socket, head) => {
      if (!head.includes('/big')) return void socket.write(ok)
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
      const stream = pour(total, (chunk) => socket.write(chunk))
      socket.on('drain', stream.proceed)
    }, createTlsServer(identity))
    const pool = openPool(`https://localhost:${upstream.port}`, trust)
    const checker = createPatternChecker()
    let resume = (): void => {}
    const called = await call(
      pool,
      { target: '/big' },
      {
        onStart: (exchange: UpstreamExchange) => {
          resume = () => exchange.resume()
        },
        onData: (chunk) => {
          checker.take(chunk)
          setImmediate(resume)
          return false
        },
        onEnd: (last) => checker.take(last ?? Buffer.alloc(0)),
      },
    )
    expect(called.failure).toBeUndefined()
    expect(checker.count).toBe(total)
    expect(await call(pool)).toMatchObject({ body: 'ok' })
    expect(upstream.sockets).toHaveLength(1)
  })

  it('comes about for a reader that is not ready yet, who is told nothing before it is', async () => {
    const upstream = await startRawUpstream((socket, head) => {
      socket.write(head.includes('/later') ? answerOf('later') : ok)
    }, createTlsServer(identity))
    const pool = openPool(`https://localhost:${upstream.port}`, trust)
    let isTold = false
    let resume = (): void => {}
    const later = call(
      pool,
      { target: '/later' },
      {
        onHead: () => {
          isTold = true
        },
        onStart: (exchange) => {
          exchange.pause()
          resume = () => exchange.resume()
        },
      },
    )
    while (!upstream.heads.some(({ text }) => text.includes('/later'))) await call(pool)
    for (let turn = 0; turn < 20; turn++) await call(pool)
    expect(isTold).toBe(false)
    resume()
    expect(await later).toMatchObject({ body: 'later' })
  })

  it.each([
    ['an unknown issuer', 'localhost', {}],
    ['another name', '127.0.0.1', trust],
  ])('with %s is no connection, and no byte of the request leaves', async (_, host, options) => {
    const upstream = await startRawUpstream((socket) => socket.write(ok), createTlsServer(identity))
    const pool = openPool(`https://${host}:${upstream.port}`, options)
    expect(await call(pool)).toMatchObject({ failure: 'connect', sent: false })
    expect(upstream.heads).toHaveLength(0)
  })

  it('that never comes about is a failed connection, or a timeout when the request had less time', async () => {
    const upstream = await startRawUpstream(() => {})
    const base = `https://127.0.0.1:${upstream.port}`
    const failed = await call(openPool(base, { connectTimeoutMs: 60 }))
    expect(failed).toMatchObject({ failure: 'connect', sent: false })
    expect(await call(openPool(base), { timeoutMs: 60 })).toMatchObject({ failure: 'timeout', sent: false })
  })
})
