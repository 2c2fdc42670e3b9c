import { describe, expect, it } from 'vitest'
import type { UpstreamExchange } from '#gateway/upstream/types.ts'
import { answerOf, startRawUpstream } from '#test/support/raw-upstream.ts'
import { call, openPool } from '#test/support/upstream-call.ts'

const ok = answerOf('ok')

describe('an exchange that is given up', () => {
  it('before the answer closes its connection, and hears nothing more', async () => {
    const arrival = Promise.withResolvers<void>()
    const upstream = await startRawUpstream(() => arrival.resolve())
    const pool = openPool(upstream.url)
    const start = Promise.withResolvers<UpstreamExchange>()
    let isTold = false
    void call(pool, {}, { onStart: start.resolve }).then(() => {
      isTold = true
    })
    await arrival.promise
    const exchange = await start.promise
    exchange.abort()
    await upstream.closed(0)
    expect(isTold).toBe(false)
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
  })

  it('while it connects sends nothing', async () => {
    const upstream = await startRawUpstream((socket) => socket.write(ok))
    const pool = openPool(upstream.url)
    void call(pool, { target: '/given-up' }, { onStart: (exchange) => exchange.abort() })
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
    expect(await call(pool)).toMatchObject({ body: 'ok' })
    expect(upstream.heads).toHaveLength(1)
  })

  it.each(['onHead', 'onData'] as const)('from inside %s hears nothing more either', async (where) => {
    const upstream = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart')
    })
    const pool = openPool(upstream.url)
    const told: string[] = []
    const closed = Promise.withResolvers<void>()
    const note = (name: string): boolean => {
      told.push(name)
      if (name === where) {
        exchange.abort()
        closed.resolve(upstream.closed(0))
      }
      return true
    }
    const request = { method: 'GET', target: '/', headers: '', body: 'none', timeoutMs: 20_000 } as const
    const exchange = pool.send(request, {
      onHead: () => void note('onHead'),
      onData: () => note('onData'),
      onEnd: () => void note('onEnd'),
      onFailure: () => void note('onFailure'),
      onDrain: () => {},
    })
    await closed.promise
    expect(told).toEqual(where === 'onHead' ? ['onHead'] : ['onHead', 'onData'])
  })

  it('after the answer leaves the connection to the next request', async () => {
    const upstream = await startRawUpstream((socket) => socket.write(ok))
    const pool = openPool(upstream.url)
    const start = Promise.withResolvers<UpstreamExchange>()
    await call(pool, {}, { onStart: start.resolve })
    const first = await start.promise
    const second = call(pool)
    first.abort()
    first.pause()
    first.write(Buffer.from('late'))
    first.end()
    expect(await second).toMatchObject({ body: 'ok' })
    expect(upstream.sockets).toHaveLength(1)
  })
})
