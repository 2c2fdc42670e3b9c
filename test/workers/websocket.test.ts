import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { closePayload, closing, openWebSocket } from '#test/support/web-socket.ts'
import { echoFrames, startWebSocketUpstream } from '#test/support/web-socket-upstream.ts'
import { startWorkers, type WorkerHouse } from './worker-house.ts'

const messages = {
  protocol: 'websocket',
  metering_mode: 'custom',
  metering_expr: 'request_messages + response_messages',
  metering_max: 100,
}

let house: WorkerHouse
beforeAll(async () => {
  house = await startWorkers(3)
})
afterAll(() => house.close())

/** A WebSocket upstream behind a route of its own, and a way to open one through it. */
async function startChat(path: string) {
  const upstream = await startWebSocketUpstream()
  await makeRoute(house, upstream.url, { path_pattern: `${path}/*`, ...messages })
  return {
    upstream,
    open: (key: string) => openWebSocket(`${house.url}${path}/room`, { 'X-API-Key': key }),
  }
}

it('WebSockets of every worker are carried and billed by the message, each once', async () => {
  const { upstream, open } = await startChat('/first')
  const { key, keyId } = await makeCustomer(house)
  const sockets = []
  for (let index = 0; index < 24; index++) {
    const { status, ws } = await open(key)
    expect(status).toBe(101)
    const server = await upstream.next()
    void echoFrames(server)
    sockets.push(ws)
  }
  await Promise.all(
    sockets.map(async (ws, index) => {
      for (let sent = 0; sent < 3; sent++) {
        ws.sendText(`${index}.${sent}`)
        expect(String((await ws.next()).payload)).toBe(`${index}.${sent}`)
      }
      ws.send(8, closePayload(1000, 'done'))
      await ws.ended()
    }),
  )
  await expect
    .poll(async () =>
      (await house.usageEvents())
        .filter((event) => event['api_key_id'] === keyId)
        .reduce((sum, { units }) => sum + Number(units), 0),
    )
    .toBe(24 * 6)
})

it('a revoked key ends its WebSockets on every worker', async () => {
  const { upstream, open } = await startChat('/second')
  const { key, keyId } = await makeCustomer(house)
  const sockets = []
  for (let index = 0; index < 12; index++) {
    sockets.push((await open(key)).ws)
    await upstream.next()
  }
  await house.api('POST', `/api/api_keys/${keyId}/revoke`, {})
  for (const ws of sockets) expect(closing(await ws.next())[0]).toBe(8)
})
