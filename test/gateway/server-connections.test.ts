import { describe, expect, it } from 'vitest'
import type { Inbound } from '#gateway/inbound.ts'
import { answerText, connectClient, echo, startGatewayServer } from '#test/support/gateway-server.ts'

const head = (first: string, ...lines: string[]): string => [first, 'Host: h', ...lines, '', ''].join('\r\n')
const get = (path: string, ...lines: string[]): string => head(`GET ${path} HTTP/1.1`, ...lines)
const post = (path: string, body: string): string =>
  `${head(`POST ${path} HTTP/1.1`, `Content-Length: ${body.length}`)}${body}`
const bodies = (text: string): string[] => [...text.matchAll(/<([^>]*)>/g)].map((match) => match[1] ?? '')

/** A pipeline whose `/slow...` answers wait for the test. */
function withSlow(): { handle: (inbound: Inbound) => void; slow: Promise<Inbound> } {
  let begin = (_inbound: Inbound): void => {}
  const slow = new Promise<Inbound>((resolve) => {
    begin = resolve
  })
  return { slow, handle: (inbound) => (inbound.target.startsWith('/slow') ? begin(inbound) : echo(inbound)) }
}

describe('requests on one connection', () => {
  it('are answered in their order, also when the first is slow', async () => {
    const { handle, slow } = withSlow()
    const server = await startGatewayServer(handle)
    const client = await server.connect()
    client.socket.write(get('/slow') + post('/2', 'body') + get('/3', 'Connection: close'))
    const first = await slow
    expect(server.door.active()).toBe(1)
    answerText(first, '<first>')
    expect(bodies(await client.ended())).toEqual(['first', 'POST /2 body', 'GET /3'])
  })

  it('may be thousands at once', async () => {
    const server = await startGatewayServer(echo)
    const client = await server.connect()
    const count = 5_000
    client.socket.write(get('/x').repeat(count - 1) + get('/last', 'Connection: close'))
    const answered = bodies(await client.ended())
    expect([answered.length, answered.at(-1)]).toEqual([count, 'GET /last'])
  })

  it('come in odd pieces', async () => {
    const server = await startGatewayServer(echo)
    const client = await server.connect()
    client.socket.setNoDelay(true)
    const chunked = head('POST /c HTTP/1.1', 'Transfer-Encoding: chunked')
    for (const octet of `${get('/1')}${chunked}3;x=1\r\nabc\r\n01\r\nd\r\n0\r\nX-T: 1\r\n\r\n${post('/2', 'yz')}`)
      await new Promise((resolve) => client.socket.write(octet, resolve))
    client.socket.write(get('/end', 'Connection: close'))
    expect(bodies(await client.ended())).toEqual(['GET /1', 'POST /c abcd', 'POST /2 yz', 'GET /end'])
  })

  it('have large bodies both ways, of known length and chunked, while pieces are paused', async () => {
    const size = 3_000_000
    const server = await startGatewayServer((inbound) => {
      let received = 0
      inbound.readBody({
        onData: (chunk) => {
          received += chunk.length
          setImmediate(() => inbound.resumeBody())
          return false
        },
        onEnd: () => {
          inbound.sendHead({ status: 200, reason: '', lines: '', hasDate: false, bodyLength: undefined })
          inbound.write(Buffer.alloc(size, 'r'))
          inbound.end(`<${received}>`)
        },
        onStall() {},
      })
    })
    for (const framing of [`Content-Length: ${size}`, 'Transfer-Encoding: chunked']) {
      const response = await fetch(`http://127.0.0.1:${server.port}/`, {
        method: 'POST',
        body: framing.startsWith('C') ? 'x'.repeat(size) : new Blob(['x'.repeat(size)]).stream(),
        duplex: 'half',
      } as RequestInit)
      const text = await response.text()
      expect([text.length, bodies(text)]).toEqual([size + `<${size}>`.length, [String(size)]])
    }
  })

  it('are read on after a refusal only when what is left of the body is small and its length known', async () => {
    const server = await startGatewayServer((inbound) => answerText(inbound, `<${inbound.target}>`, 401))
    const kept = await server.connect()
    kept.socket.write(post('/1', 'x'.repeat(60_000)) + get('/2', 'Connection: close'))
    expect(bodies(await kept.ended())).toEqual(['/1', '/2'])
    for (const line of ['Content-Length: 70000', 'Transfer-Encoding: chunked']) {
      const closed = await server.connect()
      closed.socket.write(head('POST /1 HTTP/1.1', line))
      const text = await closed.ended()
      expect(text).toContain('Connection: close\r\n')
      expect(bodies(text)).toEqual(['/1'])
    }
  })

  it('end a connection of HTTP/1.0 unless it asks to be kept; then its answers have a length', async () => {
    const server = await startGatewayServer(echo)
    const closed = await server.connect()
    closed.socket.write('GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n')
    expect(bodies(await closed.ended())).toEqual(['GET /1'])
    const kept = await server.connect()
    kept.socket.write('GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n')
    const text = await kept.ended()
    expect(bodies(text)).toEqual(['GET /1', 'GET /2'])
    expect(text).toMatch(/Connection: keep-alive[\s\S]*Connection: close/)
  })

  it('get 100 Continue when their body is wanted, and not when they are refused', async () => {
    const server = await startGatewayServer((inbound) =>
      inbound.target === '/no' ? answerText(inbound, '<no>', 401) : echo(inbound),
    )
    const wanted = await server.connect()
    wanted.socket.write(head('POST /yes HTTP/1.1', 'Expect: 100-continue', 'Content-Length: 2'))
    expect(await wanted.until(/\r\n\r\n$/)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    wanted.socket.write('hi')
    await wanted.until(/<POST \/yes hi>$/)
    const refused = await server.connect()
    refused.socket.write(head('POST /no HTTP/1.1', 'Expect: 100-continue', 'Content-Length: 2'))
    expect(await refused.ended()).toMatch(/^HTTP\/1\.1 401 [\s\S]*Connection: close[\s\S]*<no>$/)
  })
})

describe('an answer', () => {
  const answerOf = async (request: string, handle: (inbound: Inbound) => void): Promise<string> => {
    const server = await startGatewayServer(handle)
    const client = await server.connect()
    client.socket.write(request)
    return client.ended()
  }
  const stream = (status: number, bodyLength?: number) => (inbound: Inbound) => {
    inbound.sendHead({ status, reason: 'As Said', lines: 'X-A: 1\r\n', hasDate: false, bodyLength })
    inbound.write(Buffer.from('abc'))
    inbound.end(Buffer.from('de'))
  }
  const closing = 'Connection: close'

  it('of unknown length is chunked, for HTTP/1.0 it ends with the connection', async () => {
    const text = await answerOf(get('/', closing), stream(200))
    expect(text).toMatch(/^HTTP\/1\.1 200 As Said\r\nX-A: 1\r\nDate: .* GMT\r\n/)
    expect(text).toMatch(/Transfer-Encoding: chunked\r\n[\s\S]*\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n$/)
    const old = await answerOf('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', stream(200))
    expect(old).toMatch(/Connection: close\r\n\r\nabcde$/)
    expect(old).not.toMatch(/Transfer-Encoding|Content-Length/)
  })

  it('to HEAD, 204 and 304 has no body', async () => {
    const toHead = await answerOf(head('HEAD / HTTP/1.1', closing), stream(200, 5))
    expect(toHead).toMatch(/Content-Length: 5\r\n[\s\S]*\r\n\r\n$/)
    for (const status of [204, 304]) {
      const text = await answerOf(get('/', closing), stream(status))
      expect(text).toMatch(/\r\n\r\n$/)
      expect(text).not.toMatch(/Transfer-Encoding|Content-Length/)
    }
  })

  it('has one Date, and its own when it brings one', async () => {
    const text = await answerOf(get('/', closing), (inbound) => {
      inbound.sendHead({ status: 200, reason: '', lines: 'Date: theirs\r\n', hasDate: true, bodyLength: 0 })
      inbound.end()
    })
    expect(text.match(/Date: .*/g)).toEqual(['Date: theirs'])
  })

  it('that is not as long as it said is cut, so that nothing can be taken for the next one', async () => {
    for (const bodyLength of [3, 9]) {
      const server = await startGatewayServer(stream(200, bodyLength))
      const client = await server.connect()
      client.socket.write(get('/1') + get('/2'))
      const text = await client.ended()
      expect(text.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThanOrEqual(1)
      expect(text).not.toMatch(/abcde.*HTTP/s)
      expect(server.door.active()).toBe(0)
    }
  })

  it('of which the beginning is out is cut when the pipeline gives up', async () => {
    const server = await startGatewayServer((inbound) => {
      inbound.sendHead({ status: 200, reason: '', lines: '', hasDate: false, bodyLength: undefined })
      inbound.write(Buffer.from('abc'))
      setImmediate(() => inbound.destroy())
    })
    const client = await server.connect()
    client.socket.write(get('/'))
    const error = new Promise((resolve) => client.socket.on('error', resolve))
    expect(await error).toMatchObject({ code: 'ECONNRESET' })
    expect(client.text()).not.toMatch(/0\r\n\r\n$/)
    expect(server.statuses).toEqual([200])
  })

  it('is 500 when the pipeline throws, at any moment, and the process lives on', async () => {
    const server = await startGatewayServer((inbound) => {
      if (inbound.target === '/now') throw new Error('now')
      if (inbound.target !== '/body') return echo(inbound)
      inbound.readBody({
        onData() {
          throw new Error('in the body')
        },
        onEnd() {},
        onStall() {},
      })
    })
    const client = await server.connect()
    client.socket.write(get('/now'))
    expect(await client.until(/\}$/)).toMatch(/^HTTP\/1\.1 500 [\s\S]*"type":"internal_error"/)
    client.socket.write(get('/again'))
    await client.until(/<GET \/again>$/)
    client.socket.write(post('/body', 'abc'))
    await client.until(/500 [\s\S]*500 [\s\S]*\}$/)
    expect(server.errors).toHaveLength(2)
    expect(server.door.active()).toBe(0)
  })
})

describe('a connection that the control plane gets', () => {
  const control = {
    control: (
      request: { url?: string | undefined; resume(): void },
      response: { end(text: string): void },
    ): void => {
      request.resume()
      response.end(`<control ${request.url}>`)
    },
  }

  it('answers gateway requests before and after, one by one and pipelined', async () => {
    const server = await startGatewayServer(echo, control)
    for (const isPipelined of [false, true]) {
      const client = await server.connect()
      const requests = [get('/1'), get('/health'), post('/2', 'abc'), get('/api/x'), get('/3')]
      if (isPipelined) client.socket.write(requests.join(''))
      else
        for (const [index, request] of requests.entries()) {
          client.socket.write(request)
          await client.until(new RegExp(`(<[^>]*>[\\s\\S]*){${index + 1}}`))
        }
      const text = await client.until(/<GET \/3>/)
      expect(bodies(text)).toEqual(['GET /1', 'control /health', 'POST /2 abc', 'control /api/x', 'GET /3'])
    }
    expect(server.statuses).toEqual(Array(6).fill(200))
  })

  it('is handed over with bytes that came in pieces, and only after the answer before', async () => {
    const { handle, slow } = withSlow()
    const server = await startGatewayServer(handle, control)
    const client = await server.connect()
    client.socket.write(get('/slow'))
    const first = await slow
    for (const octet of post('/api', 'body'))
      await new Promise((resolve) => client.socket.write(octet, resolve))
    answerText(first, '<slow>')
    expect(bodies(await client.until(/<control/))).toEqual(['slow', 'control /api'])
  })

  it('is still watched: half a head ends it', async () => {
    const server = await startGatewayServer(echo, { ...control, limits: { headTimeoutMs: 50 } })
    const client = await server.connect()
    client.socket.write(get('/health'))
    await client.until(/<control/)
    client.socket.write('GET /')
    await client.ended()
  })

  it('and an upgrade that nobody wants is answered like any request', async () => {
    const server = await startGatewayServer(echo, control)
    const client = await server.connect()
    client.socket.write(get('/ws-like', 'Connection: Upgrade', 'Upgrade: websocket'))
    await client.until(/<GET \/ws-like>/)
    client.socket.write(get('/next'))
    expect(bodies(await client.until(/<GET \/next>/))).toEqual(['GET /ws-like', 'GET /next'])
  })

  it('does not exist where the control plane has a port of its own', async () => {
    const server = await startGatewayServer(echo)
    const client = await server.connect()
    client.socket.write(get('/health'))
    expect(bodies(await client.until(/>$/))).toEqual(['GET /health'])
  })

  it('gets the landing page only where no route claims it', async () => {
    for (const claimsRoot of [true, false]) {
      const server = await startGatewayServer(echo, { ...control, claimsRoot })
      const client = await server.connect()
      client.socket.write(get('/?a=b'))
      expect(bodies(await client.until(/>$/))).toEqual([claimsRoot ? 'GET /?a=b' : 'control /?a=b'])
    }
  })
})

describe('a client that leaves', () => {
  /** Counts the aborts of each request; `stage` says how far the pipeline goes before the client leaves. */
  async function leave(request: string, stage: 'body' | 'waiting' | 'answering' | 'reset') {
    const aborts: string[] = []
    let reached = (): void => {}
    const isReached = new Promise<void>((resolve) => {
      reached = resolve
    })
    let left = (): void => {}
    const hasLeft = new Promise<void>((resolve) => {
      left = resolve
    })
    const server = await startGatewayServer(
      (inbound) => {
        inbound.watch({
          onAbort: () => {
            aborts.push(inbound.target)
            left()
          },
          onWritable() {},
        })
        if (stage === 'answering') {
          inbound.sendHead({ status: 200, reason: '', lines: '', hasDate: false, bodyLength: 100 })
          inbound.write(Buffer.from('abc'))
        }
        if (stage !== 'body') {
          reached()
          return
        }
        const onData = (): boolean => {
          reached()
          return true
        }
        inbound.readBody({ onData, onEnd() {}, onStall() {} })
      },
      { limits: { bodySilenceMs: 2_000 } },
    )
    const client = await connectClient(server.port)
    client.socket.write(request)
    await isReached
    if (stage === 'answering') await client.until(/abc$/)
    if (stage === 'reset') client.socket.resetAndDestroy()
    else client.socket.destroy()
    await hasLeft
    expect([aborts.length, server.door.active(), server.statuses]).toEqual([
      1,
      0,
      [stage === 'answering' ? 200 : 499],
    ])
  }

  it('in the middle of its body is noticed once', () =>
    leave(`${head('POST / HTTP/1.1', 'Content-Length: 10')}abc`, 'body'))
  it('while it waits is noticed once, by its silence', () => leave(get('/'), 'waiting'))
  it('while it waits is noticed once, by its reset', () => leave(get('/'), 'reset'))
  it('in the middle of its answer is noticed once', () => leave(get('/'), 'answering'))

  it('in the middle of a head has asked nothing', async () => {
    const server = await startGatewayServer(echo)
    const client = await server.connect()
    client.socket.end('GET / HTTP/1.1\r\nHos')
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 /)
    expect(server.statuses).toEqual([])
  })

  it('is not one that only has nothing more to say: all its requests are answered', async () => {
    const { handle, slow } = withSlow()
    const server = await startGatewayServer(handle, { limits: { headTimeoutMs: 40 } })
    const client = await server.connect()
    client.socket.end(get('/1') + get('/slow') + get('/3'))
    const inbound = await slow
    await client.until(/<GET \/1>/)
    answerText(inbound, '<slow>')
    expect(bodies(await client.ended())).toEqual(['GET /1', 'slow', 'GET /3'])
    const single = withSlow()
    const other = await startGatewayServer(single.handle, { limits: { headTimeoutMs: 40 } })
    const patient = await other.connect()
    patient.socket.end(get('/slow'))
    const waiting = await single.slow
    // It was asked whether it is still there, as long as nothing was answered.
    await patient.until(/^HTTP\/1\.1 102 Processing\r\n\r\n/)
    answerText(waiting, '<late>')
    expect(bodies(await patient.ended())).toEqual(['late'])
  })
})

describe('a client that is slow', () => {
  it('with its head is told 408, however often it sends an octet', async () => {
    const server = await startGatewayServer(echo, { limits: { headTimeoutMs: 60 } })
    const client = await server.connect()
    const drip = setInterval(() => client.socket.write('x'), 5)
    client.socket.write('GET / HTTP/1.1\r\nX-Slow: ')
    const text = await client.until(/\}$/)
    clearInterval(drip)
    expect(text).toMatch(/^HTTP\/1\.1 408 [\s\S]*"type":"request_timeout"/)
    await client.ended()
  })

  it('with its second head is told too, and one that asks nothing is closed without a word', async () => {
    const limits = { headTimeoutMs: 60, keepAliveTimeoutMs: 60 }
    const server = await startGatewayServer(echo, { limits })
    const slow = await server.connect()
    slow.socket.write(get('/'))
    await slow.until(/<GET \/>$/)
    slow.socket.write('GET')
    expect(await slow.ended()).toMatch(/<GET \/>HTTP\/1\.1 408 /)
    const idle = await server.connect()
    idle.socket.write(get('/'))
    expect(await idle.ended()).toMatch(/<GET \/>$/)
  })

  it('to read its answer is cut, and its request given up once', async () => {
    let aborts = 0
    let left = (): void => {}
    const hasLeft = new Promise<void>((resolve) => {
      left = resolve
    })
    const server = await startGatewayServer(
      (inbound) => {
        const piece = Buffer.alloc(64 * 1024, 'x')
        const more = (): void => {
          while (inbound.write(piece));
        }
        inbound.watch({
          onAbort: () => {
            aborts++
            left()
          },
          onWritable: more,
        })
        inbound.sendHead({ status: 200, reason: '', lines: '', hasDate: false, bodyLength: undefined })
        more()
      },
      { limits: { bodySilenceMs: 100 } },
    )
    const client = await server.connect()
    client.socket.pause()
    client.socket.write(get('/'))
    await hasLeft
    expect([aborts, server.door.active(), server.statuses]).toEqual([1, 0, [200]])
  })

  it('to read the last of its answer gets all of it, when it does read', async () => {
    const size = 8_000_000
    const server = await startGatewayServer((inbound) => answerText(inbound, 'x'.repeat(size)))
    const client = await server.connect()
    client.socket.pause()
    client.socket.write(get('/1', 'Connection: close'))
    while (server.door.active() === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(server.statuses).toEqual([])
    client.socket.resume()
    const text = await client.ended()
    expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(size)
    expect(server.statuses).toEqual([200])
  })
})

describe('draining', () => {
  it('closes idle connections at once, takes none, and lets running answers finish', async () => {
    const { handle, slow } = withSlow()
    const server = await startGatewayServer(handle, {
      control: (_request, response) => void response.end('<control>'),
    })
    const idle = await server.connect()
    idle.socket.write(get('/'))
    await idle.until(/>$/)
    const controlled = await server.connect()
    controlled.socket.write(get('/health'))
    await controlled.until(/>$/)
    const busy = await server.connect()
    busy.socket.write(get('/slow') + get('/never'))
    const inbound = await slow
    const drained = server.door.drain(60_000)
    await Promise.all([idle.ended(), controlled.ended()])
    await expect(connectClient(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    answerText(inbound, '<done>')
    await drained
    expect(await busy.ended()).toMatch(/Connection: close\r\n\r\n<done>$/)
  })

  it('does not wait for an answer longer than it was told to', async () => {
    const { handle, slow } = withSlow()
    const server = await startGatewayServer(handle)
    const client = await server.connect()
    client.socket.write(get('/slow'))
    await slow
    await server.door.drain(10)
    expect(await client.ended()).toBe('')
  })
})
