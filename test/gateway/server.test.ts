import { once } from 'node:events'
import { expect, it } from 'vitest'
import { answerText, echo, startGatewayServer } from '#test/support/gateway-server.ts'

const head = (first: string, ...lines: string[]): string => [first, 'Host: h', ...lines, '', ''].join('\r\n')

it('a client that falls silent in the middle of its body is told so, and holds nothing any longer', async () => {
  const server = await startGatewayServer(echo, { limits: { bodySilenceMs: 50 } })
  const client = await server.connect()
  client.socket.write(`${head('POST / HTTP/1.1', 'Content-Length: 10')}abc`)
  expect(await client.ended()).toMatch(/^HTTP\/1\.1 408 /)
  expect(server.door.active()).toBe(0)
})

it('a body that is paused for the upstream is not taken for a silent client', async () => {
  let resume = (): void => {}
  const stalls: string[] = []
  const server = await startGatewayServer(
    (inbound) => {
      if (inbound.target === '/silent') {
        echo(inbound)
        return
      }
      let isFirst = true
      inbound.readBody({
        onData: () => {
          if (!isFirst) return true
          isFirst = false
          resume = () => inbound.resumeBody()
          return false
        },
        onEnd: () => answerText(inbound, 'whole'),
        onStall: () => stalls.push('stall'),
      })
    },
    { limits: { bodySilenceMs: 50 } },
  )
  const paused = await server.connect()
  paused.socket.write(`${head('POST / HTTP/1.1', 'Content-Length: 6')}abc`)
  const silent = await server.connect()
  silent.socket.write(`${head('POST /silent HTTP/1.1', 'Content-Length: 6')}abc`)
  // It began later and was silent for too long: so the paused one has been waiting for longer than is allowed.
  expect(await silent.ended()).toMatch(/^HTTP\/1\.1 408 /)
  paused.socket.write('def')
  resume()
  expect(await paused.until(/whole$/)).toMatch(/^HTTP\/1\.1 200 /)
  expect(stalls).toEqual([])
})

it('a connection is kept for the next request, also after a body', async () => {
  const server = await startGatewayServer(echo)
  const client = await server.connect()
  for (const body of ['abc', 'xyz']) {
    client.socket.write(`${head('POST / HTTP/1.1', 'Content-Length: 3')}${body}`)
    await client.until(new RegExp(`<POST / ${body}>$`))
  }
  expect(client.text()).toContain('\r\nConnection: keep-alive\r\nKeep-Alive: timeout=59\r\n')
  client.socket.destroy()
  await once(client.socket, 'close')
})
