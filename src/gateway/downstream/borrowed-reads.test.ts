import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { borrowReads, ordinaryReads } from './borrowed-reads.ts'

/** A client, and the socket that a server of the right kind has accepted for it. */
async function accept() {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [accepted] = (await once(server, 'connection')) as [Socket]
  return { server, client, accepted }
}

describe.each([
  ['lent', borrowReads],
  ['ordinary', ordinaryReads],
])('%s reads', (_name, open) => {
  it('bring every byte in order, pause, and end; then the server has no connection left', async () => {
    const { server, client, accepted } = await accept()
    let text = ''
    const { socket } = open(accepted, (bytes) => {
      text += bytes.toString('latin1')
      socket.pause()
      setImmediate(() => socket.resume())
    })
    const sent = Array.from({ length: 20_000 }, (_, index) => `${index};`).join('')
    client.end(sent)
    await once(socket, 'end')
    expect(text).toBe(sent)
    socket.end('answer')
    const [answer] = await once(client, 'data')
    expect(String(answer)).toBe('answer')
    server.close()
    await once(server, 'close')
  })

  it('become those of an ordinary stream once they are released', async () => {
    const { server, client, accepted } = await accept()
    const first = new Promise<string>((resolve) => {
      const reads = open(accepted, (bytes) => {
        reads.release()
        reads.socket.pause()
        reads.socket.unshift(Buffer.concat([Buffer.from('again '), bytes]))
        let text = ''
        reads.socket.on('data', (more: Buffer) => {
          text += more.toString('latin1')
        })
        reads.socket.on('end', () => {
          reads.socket.destroy()
          resolve(text)
        })
        reads.socket.resume()
        client.end('x'.repeat(300_000))
      })
    })
    client.write('first ')
    expect(await first).toBe(`again first ${'x'.repeat(300_000)}`)
    server.close()
    await once(server, 'close')
  })
})

it('are lent where this Node can: otherwise every read would cost a buffer of its own', async () => {
  const { server, client, accepted } = await accept()
  const buffers = new Set<ArrayBufferLike>()
  const { socket } = borrowReads(accepted, (bytes) => {
    buffers.add(bytes.buffer)
    if (buffers.size + socket.bytesRead > 3) socket.destroy()
  })
  for (const octet of 'abcd') await new Promise((resolve) => client.write(octet, resolve))
  await once(socket, 'close')
  expect(socket).not.toBe(accepted)
  expect(buffers.size).toBe(1)
  client.destroy()
  server.close()
})
