import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { borrowWrites, ordinaryWrites } from './borrowed-writes.ts'

/** A connection: the socket that is written to, and who reads. */
async function open() {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[reader]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [
    [Socket],
    unknown,
  ]
  server.close()
  return { socket, reader }
}

async function readAll(reader: Socket): Promise<string> {
  const pieces: Buffer[] = []
  reader.on('data', (piece: Buffer) => pieces.push(piece)).resume()
  await once(reader, 'end')
  reader.destroy()
  return Buffer.concat(pieces).toString('latin1')
}

/** Writes until the system takes no more at once. */
function fill(writes: { write(text: string): boolean; readonly unsentBytes: number }): string {
  let sent = ''
  for (let count = 0; writes.unsentBytes === 0; count++) {
    const text = `<${String(count)}>`.padEnd(10_000, 'x')
    writes.write(text)
    sent += text
  }
  return sent
}

describe.each([
  ['borrowed', borrowWrites],
  ['ordinary', ordinaryWrites],
])('%s writes', (_name, writesTo) => {
  it('bring every character as one byte, and nothing is left when the system took it', async () => {
    const { socket, reader } = await open()
    const writes = writesTo(socket)
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))
    expect([writes.write(all), writes.unsentBytes]).toEqual([true, 0])
    socket.end()
    expect(await readAll(reader)).toBe(all)
    socket.destroy()
  })

  it('keep their order among themselves and with ordinary ones when the reader falls behind', async () => {
    const { socket, reader } = await open()
    const writes = writesTo(socket)
    let sent = fill(writes)
    expect(writes.unsentBytes).toBeGreaterThan(0)
    for (const text of ['[behind]', '[further behind]'.padEnd(12_000, 'y')]) {
      writes.write(text)
      sent += text
    }
    socket.write('[ordinary]')
    const flushed = new Promise((resolve) => socket.write('', 'latin1', resolve))
    const read = readAll(reader)
    await flushed
    expect(writes.unsentBytes).toBe(0)
    writes.write('[after]')
    socket.end()
    expect((await read) === `${sent}[ordinary][after]`).toBe(true)
    socket.destroy()
  })

  it('ask to wait once as much as a stream holds is left, and tell by drain when there is room', async () => {
    const { socket, reader } = await open()
    const writes = writesTo(socket)
    fill(writes)
    let count = 0
    while (writes.write('z'.repeat(10_000))) count++
    expect(count).toBeLessThan(100)
    reader.resume()
    await once(socket, 'drain')
    expect(writes.write('room')).toBe(true)
    socket.destroy()
    reader.destroy()
  })

  it('stay behind what is corked, and wait for a connection that is not there yet', async () => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const writes = writesTo(socket)
    writes.write('1')
    socket.cork()
    socket.write('2')
    writes.write('3')
    socket.uncork()
    const [reader] = (await once(server, 'connection')) as [Socket]
    await once(socket, 'ready')
    socket.cork()
    socket.write('4')
    writes.write('5')
    socket.uncork()
    socket.end()
    expect(await readAll(reader)).toBe('12345')
    socket.destroy()
    server.close()
  })

  it('end the socket with an error when the other side is gone, and then write nothing', async () => {
    const { socket, reader } = await open()
    const writes = writesTo(socket)
    const failed = once(socket, 'error')
    reader.resetAndDestroy()
    await once(reader, 'close')
    for (let count = 0; count < 3; count++) writes.write('lost')
    expect((await failed)[0]).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) })
    expect(socket.destroyed).toBe(true)
    expect(writes.write('later')).toBe(false)
  })

  it('fail the rest of what was half taken when the other side goes', async () => {
    const { socket, reader } = await open()
    const writes = writesTo(socket)
    fill(writes)
    const failed = once(socket, 'error')
    reader.resetAndDestroy()
    await failed
    expect(socket.destroyed).toBe(true)
  })

  it('are over when the socket was ended', async () => {
    const { socket, reader } = await open()
    const writes = writesTo(socket)
    socket.on('error', () => {})
    writes.write('last')
    socket.end()
    writes.write('too late')
    expect(await readAll(reader)).toBe('last')
    socket.destroy()
  })
})

it('go past the stream where this Node lets them: otherwise each would cost a request object and a tick', async () => {
  const { socket, reader } = await open()
  const throughStream = vi.spyOn(socket, 'write')
  const writes = borrowWrites(socket)
  for (let count = 0; count < 3; count++) writes.write('text')
  expect(throughStream).not.toHaveBeenCalled()
  socket.end()
  expect(await readAll(reader)).toBe('texttexttext')
  socket.destroy()
})
