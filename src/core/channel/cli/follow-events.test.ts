import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { followEvents } from './follow-events.ts'

const message = (id: string): string =>
  JSON.stringify({ event: 'plan.updated', id, data: { id: 'pln_1' }, at: '2026-01-31T12:00:00.000Z' })

/** A server whose connections are answered one after the other by these. */
async function server(...turns: readonly ((socket: WebSocket) => void)[]) {
  const sockets = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => (offered.has('apigate') ? 'apigate' : false),
  })
  onTestFinished(() => void sockets.close())
  await once(sockets, 'listening')
  const asked: (string | undefined)[] = []
  sockets.on('connection', (socket, { url }) => {
    asked.push(url)
    turns[asked.length - 1]?.(socket)
  })
  const { port } = sockets.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, asked }
}

async function follow(url: string, most: number, since?: string) {
  const heard: string[] = []
  const lost: string[] = []
  const outcome = await followEvents(
    { url, token: 'opt_1' },
    {
      module: 'plan',
      ...(since === undefined ? {} : { since }),
      signal: new AbortController().signal,
      pauseMs: () => 0,
      onMessage: ({ id }) => heard.push(id) < most,
      onLost: (reason) => void lost.push(reason),
    },
  )
  return { heard, lost, outcome }
}

test('a connection that is lost is made again after the last message: none is missing, none comes twice', async () => {
  const { url, asked } = await server(
    (socket) => {
      socket.send(message('evt_1'))
      socket.send(message('evt_2'), () => socket.close(1001, 'the server stops'))
    },
    (socket) => socket.terminate(),
    (socket) => socket.send(message('evt_3')),
  )
  expect(await follow(url, 3)).toEqual({
    heard: ['evt_1', 'evt_2', 'evt_3'],
    lost: ['the server stops', 'code 1006'],
    outcome: { ok: true, value: undefined },
  })
  expect(asked).toEqual(['/ws/plan', '/ws/plan?since=evt_2', '/ws/plan?since=evt_2'])
})

test('hears no more than it was asked for, however much comes at once', async () => {
  const { url, asked } = await server((socket) => {
    for (const id of ['evt_1', 'evt_2', 'evt_3', 'evt_4']) socket.send(message(id))
  })
  expect((await follow(url, 2, 'first')).heard).toEqual(['evt_1', 'evt_2'])
  expect(asked).toEqual(['/ws/plan?since=first'])
})

test.each([
  [4401, 'unauthorized'],
  [4410, 'not_found'],
])('a connection that is closed with %i is not made again', async (code, refusal) => {
  const { url, asked } = await server((socket) => socket.close(code, 'no'))
  expect((await follow(url, 1)).outcome).toMatchObject({ ok: false, code: refusal })
  expect(asked).toHaveLength(1)
})

test('a server that is not there is a failure at once', async () => {
  await expect(follow('http://127.0.0.1:1', 1)).rejects.toMatchObject({ code: 'service_unavailable' })
})
