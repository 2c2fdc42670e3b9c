import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { createReadTxt } from './read-txt.ts'

/** A DNS server that gives every question the same answer. */
async function dnsServer(answer: { readonly status: number; readonly texts: readonly string[][] }) {
  const socket = createSocket('udp4')
  socket.on('message', (question, { port, address }) => {
    const records = answer.texts.map((parts) => {
      const data = Buffer.concat(
        parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
      )
      const head = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.length])
      return Buffer.concat([head, data])
    })
    const end = question.indexOf(0, 12) + 5
    const head = Buffer.from([0, 0, 0x81, 0x80 | answer.status, 0, 1, 0, records.length, 0, 0, 0, 0])
    question.copy(head, 0, 0, 2)
    socket.send(Buffer.concat([head, question.subarray(12, end), ...records]), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => socket.close(() => resolve())))
  return createReadTxt({ servers: [`127.0.0.1:${socket.address().port}`] })
}

test('each TXT record is one text, however many parts it has', async () => {
  const read = await dnsServer({ status: 0, texts: [['v=spf1'], ['apigate-domain=', 'abc']] })
  expect(await read('_apigate.acme.example')).toEqual(['v=spf1', 'apigate-domain=abc'])
})

test('a name that is not there has none; a DNS that fails is a fault and no "none"', async () => {
  expect(await (await dnsServer({ status: 3, texts: [] }))('_apigate.acme.example')).toEqual([])
  await expect((await dnsServer({ status: 2, texts: [] }))('_apigate.acme.example')).rejects.toThrow('DNS')
})
