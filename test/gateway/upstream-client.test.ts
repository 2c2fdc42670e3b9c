import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { answerOf, startRawUpstream } from '#test/support/raw-upstream.ts'
import { call, openPool } from '#test/support/upstream-call.ts'

const ok = answerOf('ok')
const chunkedHead = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

const hostile: [name: string, raw: string, failure: 'protocol' | 'reset'][] = [
  ['not HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n', 'protocol'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n', 'protocol'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n', 'protocol'],
  ['HTTP/11.1', 'HTTP/11.1 200 OK\r\n\r\n', 'protocol'],
  ['lower-case version', 'http/1.1 200 OK\r\n\r\n', 'protocol'],
  ['an empty line first', '\r\nHTTP/1.1 200 OK\r\n\r\n', 'protocol'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'protocol'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'protocol'],
  ['a status below 100', 'HTTP/1.1 099 No\r\n\r\n', 'protocol'],
  ['two spaces before the status', 'HTTP/1.1  200 OK\r\n\r\n', 'protocol'],
  ['a control character in the reason', 'HTTP/1.1 200 O\x01K\r\n\r\n', 'protocol'],
  ['a header without colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', 'protocol'],
  ['a header without name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n', 'protocol'],
  ['space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello', 'protocol'],
  ['a space in a name', 'HTTP/1.1 200 OK\r\nX A: 5\r\n\r\n', 'protocol'],
  ['a folded line', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n Content-Length: 9\r\n\r\n', 'protocol'],
  ['a folded first line', 'HTTP/1.1 200 OK\r\n X-A: 1\r\n\r\n', 'protocol'],
  ['NUL in a name', 'HTTP/1.1 200 OK\r\nX\0A: 1\r\n\r\n', 'protocol'],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: 1\x002\r\n\r\n', 'protocol'],
  ['a bare CR in a value', 'HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\n\r\n', 'protocol'],
  ['a bare LF in a value', 'HTTP/1.1 200 OK\r\nX-A: 1\nX-B: 2\r\n\r\n', 'protocol'],
  ['bare LF line ends', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'protocol'],
  ['a bare LF that ends the head', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok', 'protocol'],
  ['an empty Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n', 'protocol'],
  ['a negative Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'protocol'],
  ['a signed Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok', 'protocol'],
  ['a hexadecimal Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok', 'protocol'],
  ['a Content-Length with a tail', 'HTTP/1.1 200 OK\r\nContent-Length: 2 2\r\n\r\nok', 'protocol'],
  ['a huge Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n', 'protocol'],
  [
    'differing Content-Lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!',
    'protocol',
  ],
  ['differing Content-Lengths in a list', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok!', 'protocol'],
  [
    'both framings',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok',
    'protocol',
  ],
  [
    'both framings, the other way round',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\ntransfer-encoding: chunked\r\n\r\nok',
    'protocol',
  ],
  ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', 'protocol'],
  [
    'a coding before chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'protocol',
  ],
  [
    'a coding after chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    'protocol',
  ],
  [
    'chunked twice',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'protocol',
  ],
  ['an empty coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n', 'protocol'],
  ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'protocol'],
  [
    'an upgrade nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
    'protocol',
  ],
  ['a malformed chunk size', `${chunkedHead}zz\r\n`, 'protocol'],
  ['a chunk longer than it says', `${chunkedHead}2\r\nokk\r\n0\r\n\r\n`, 'protocol'],
  ['a head of 70 KB', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`, 'protocol'],
  ['header lines without end', `HTTP/1.1 200 OK\r\n${'X-A: 1\r\n'.repeat(9_000)}`, 'protocol'],
  ['interim heads without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(3_000), 'protocol'],
  ['no answer', '', 'reset'],
  ['half a status line', 'HTTP/1.', 'reset'],
  ['half a head', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n', 'reset'],
  ['only an interim head', 'HTTP/1.1 100 Continue\r\n\r\n', 'reset'],
  ['a body shorter than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort', 'reset'],
  ['a body without its first byte', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n', 'reset'],
  ['chunks without the last', `${chunkedHead}2\r\nok\r\n`, 'reset'],
  ['a last chunk without its end', `${chunkedHead}2\r\nok\r\n0\r\n`, 'reset'],
]

describe('an answer that cannot be trusted is never passed on as complete', () => {
  it.each(hostile)('%s', async (_, raw, failure) => {
    const upstream = await startRawUpstream((socket) => {
      // Malformed answers must be refused for what they are, not for being cut off.
      if (failure === 'reset') socket.end(raw, 'latin1')
      else socket.write(raw, 'latin1')
    })
    const pool = openPool(upstream.url)
    const called = await call(pool)
    expect(called).toMatchObject({ failure, sent: true })
    expect(pool.stats()).toEqual({ idle: 0, busy: 0 })
    await upstream.closed(0)
    expect(upstream.heads).toHaveLength(1)
  })

  it('a connection that is reset in the middle of a body without length is not its end', async () => {
    const upstream = await startRawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\npart', () => {})
    })
    const pool = openPool(upstream.url)
    const onData = (): boolean => {
      upstream.sockets[0]?.resetAndDestroy()
      return true
    }
    expect(await call(pool, {}, { onData })).toMatchObject({
      status: 200,
      body: 'part',
      failure: 'reset',
      sent: true,
    })
  })
})

describe('good answers', () => {
  it.each([
    [
      'with interim heads',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${ok}`,
      'ok',
      1,
    ],
    ['in chunks with trailers', `${chunkedHead}1\r\no\r\n1\r\nk\r\n0\r\nX-Sum: 2\r\n\r\n`, 'ok', 1],
    [
      'with equal Content-Lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok',
      'ok',
      1,
    ],
    ['without reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 'ok', 1],
    ['without body', 'HTTP/1.1 204 No Content\r\n\r\n', '', 1],
    ['that asks to close', answerOf('ok', 'Connection: close\r\n'), 'ok', 0],
    ['in HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', 'ok', 0],
    [
      'from an upstream that closes idle connections at once',
      answerOf('ok', 'Keep-Alive: timeout=1\r\n'),
      'ok',
      0,
    ],
    ['with a body until close', 'HTTP/1.1 200 OK\r\n\r\nok', 'ok', 0],
  ])('%s', async (_, raw, body, idle) => {
    const upstream = await startRawUpstream((socket) => {
      socket.write(raw)
      if (raw.endsWith('\r\n\r\nok') && !raw.includes('Length')) socket.end()
    })
    const pool = openPool(upstream.url)
    const called = await call(pool)
    expect(called).toMatchObject({ body })
    expect(called.failure).toBeUndefined()
    expect(pool.stats()).toEqual({ idle, busy: 0 })
  })

  it('to HEAD end with their head, and the connection goes on', async () => {
    const upstream = await startRawUpstream((socket, head) => {
      socket.write(head.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n' : ok)
    })
    const pool = openPool(upstream.url)
    const head = await call(pool, { method: 'HEAD' })
    expect(head).toMatchObject({ headers: ['Content-Length', '5000'], bodyLength: 0, body: '' })
    expect(await call(pool)).toMatchObject({ headers: [], bodyLength: 2, body: 'ok' })
    expect(upstream.sockets).toHaveLength(1)
  })

  it('small ones arrive whole, in one turn', async () => {
    const upstream = await startRawUpstream((socket) => socket.write(ok))
    const pool = openPool(upstream.url)
    let pieces = 0
    const onData = (): boolean => pieces++ < 0
    expect(await call(pool, {}, { onData })).toMatchObject({ body: 'ok' })
    expect(pieces).toBe(0)
  })

  it('a thousand at once each reach the request they answer', async () => {
    const upstream = await startRawUpstream((socket, head) => {
      setImmediate(() => socket.write(answerOf(head.split(' ')[1] ?? '')))
    })
    const pool = openPool(upstream.url, { maxIdleConns: 50 })
    for (let round = 0; round < 2; round++) {
      const targets = Array.from({ length: 1000 }, (_, index) => `/round/${round}/${index}`)
      const bodies = await Promise.all(targets.map(async (target) => (await call(pool, { target })).body))
      expect(bodies).toEqual(targets)
      expect(pool.stats()).toEqual({ idle: 50, busy: 0 })
    }
    expect(upstream.heads).toHaveLength(2000)
    expect(upstream.sockets.length).toBeLessThanOrEqual(1950)
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  )
  it.skipIf(!hasIpv6)('come from IPv6 literals too', async () => {
    const upstream = await startRawUpstream((socket) => socket.write(ok))
    expect(await call(openPool(`http://[::1]:${upstream.port}`))).toMatchObject({ body: 'ok' })
  })
})
