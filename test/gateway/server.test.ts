import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { Inbound } from '#gateway/inbound.ts'
import { createGatewayServer, type GatewayServer } from '#gateway/server.ts'

let door: GatewayServer | undefined
afterEach(async () => {
  await door?.drain(0)
})

/** Starts the server alone, with a pipeline of the test's making. */
async function startServer(handle: (inbound: Inbound) => void, bodySilenceMs = 60_000): Promise<number> {
  door = createGatewayServer({
    handle,
    control: undefined,
    claimsRoot: () => true,
    metrics: { gatewayRequest() {} },
    newRequestId: () => 'req_test',
    limits: { maxHeadBytes: 8_192, headTimeoutMs: 5_000, keepAliveTimeoutMs: 5_000, bodySilenceMs },
  })
  door.server.listen(0, '127.0.0.1')
  await once(door.server, 'listening')
  return (door.server.address() as AddressInfo).port
}

it('a client that falls silent in the middle of its body is told so, and holds nothing any longer', async () => {
  const port = await startServer((inbound) => {
    inbound.readBody({
      onData: () => true,
      onEnd: () => inbound.end('whole'),
      onStall: () => {
        inbound.sendHead(408, '', ['Content-Length', '0'])
        inbound.end()
      },
    })
  }, 50)
  const client = connect(port, '127.0.0.1')
  client.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc')
  const [answer] = await once(client, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /)
  await once(client, 'close')
  expect(door?.active()).toBe(0)
})

it('a body that is paused for the upstream is not taken for a silent client', async () => {
  const stalls: string[] = []
  let resume = (): void => {}
  const port = await startServer((inbound) => {
    let isFirst = true
    inbound.readBody({
      onData: () => {
        if (!isFirst) return true
        isFirst = false
        resume = () => inbound.resumeBody()
        return false
      },
      onEnd: () => {
        inbound.sendHead(200, '', ['Content-Length', '5'])
        inbound.end('whole')
      },
      onStall: () => stalls.push('stall'),
    })
  }, 50)
  const client = connect(port, '127.0.0.1')
  client.write('POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 6\r\n\r\nabc')
  const timeouts = new Promise<void>((resolve) => {
    door?.server.on('timeout', () => resolve())
  })
  await timeouts
  client.write('def')
  resume()
  const [answer] = await once(client, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
  expect(stalls).toEqual([])
})

it('a connection is kept for the next request, also after a body', async () => {
  const port = await startServer((inbound) => {
    inbound.readBody({
      onData: () => true,
      onEnd: () => {
        inbound.sendHead(200, '', ['Content-Length', '2'])
        inbound.end('ok')
      },
      onStall() {},
    })
  })
  const client = connect(port, '127.0.0.1')
  for (let count = 0; count < 2; count++) {
    client.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc')
    const [answer] = await once(client, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 [\s\S]*ok$/)
  }
  client.destroy()
})
