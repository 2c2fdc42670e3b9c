import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoute } from '#test/support/customer.ts'
import { connectClient, echo, startGatewayServer } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let house: TestHouse
let upstream: Upstream

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse()
  await makeRoute(house, upstream.url, { path_pattern: '/*', auth_required: false })
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
  upstream.answer((_request, response) => void response.end('ok'))
})

const lines = (...all: string[]): string => [...all, '', ''].join('\r\n')
const post = (...headers: string[]): string => lines('POST /v HTTP/1.1', 'Host: h', ...headers)
const get = (...headers: string[]): string => lines('GET /v HTTP/1.1', 'Host: h', ...headers)
const chunked = post('Transfer-Encoding: chunked')
const hidden = lines('GET /hidden HTTP/1.1', 'Host: h')
const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1])).filter((status) => status >= 200)

/** What is sent, the statuses that come back, whether the connection stays open, and what the upstream saw. */
type Row = readonly [
  name: string,
  raw: string,
  statuses: readonly number[],
  after: 'open' | 'closed',
  seen: string[],
]

const refused: readonly [name: string, raw: string][] = [
  [
    'Content-Length and chunked',
    `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${hidden}`,
  ],
  [
    'chunked and Content-Length',
    `${post('Transfer-Encoding: chunked', 'Content-Length: 4')}0\r\n\r\n${hidden}`,
  ],
  ['two different lengths', post('Content-Length: 0', 'Content-Length: 40') + hidden],
  ['two equal lengths', `${post('Content-Length: 3', 'Content-Length: 3')}abc`],
  ['a list of lengths', `${post('Content-Length: 3, 3')}abc`],
  ['a signed length', `${post('Content-Length: +3')}abc`],
  ['a negative length', `${post('Content-Length: -3')}abc`],
  ['a hexadecimal length', `${post('Content-Length: 0x3')}abc`],
  ['a fractional length', `${post('Content-Length: 3.0')}abc`],
  ['an empty length', `${post('Content-Length: ')}abc`],
  ['a length with a space in it', `${post('Content-Length: 1 0')}abc`],
  ['a length beyond numbers', `${post(`Content-Length: ${'9'.repeat(30)}`)}abc`],
  ['an unknown coding', `${post('Transfer-Encoding: xchunked')}0\r\n\r\n`],
  ['identity', `${post('Transfer-Encoding: identity')}0\r\n\r\n`],
  ['chunked after another coding', `${post('Transfer-Encoding: gzip, chunked')}0\r\n\r\n`],
  ['chunked before another coding', `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n`],
  ['chunked twice in one line', `${post('Transfer-Encoding: chunked, chunked')}0\r\n\r\n`],
  [
    'chunked twice in two lines',
    `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ],
  ['chunked in quotes', `${post('Transfer-Encoding: "chunked"')}0\r\n\r\n`],
  ['chunked with a parameter', `${post('Transfer-Encoding: chunked;q=1')}0\r\n\r\n`],
  ['chunked behind a vertical tab', `${post('Transfer-Encoding: \x0bchunked')}0\r\n\r\n`],
  [
    'chunked in HTTP/1.0',
    `${lines('POST /v HTTP/1.0', 'Host: h', 'Transfer-Encoding: chunked')}0\r\n\r\n${hidden}`,
  ],
  ['a space before the colon', `${post('Transfer-Encoding : chunked', 'Content-Length: 5')}0\r\n\r\n`],
  ['a tab before the colon', `${post('Content-Length\t: 3')}abc`],
  ['a folded Transfer-Encoding', `${post('Transfer-Encoding:\r\n chunked')}0\r\n\r\n`],
  ['a folded line with a tab', get('X-A: 1\r\n\tb')],
  ['a first line that is folded', 'GET /v HTTP/1.1\r\n Host: h\r\n\r\n'],
  ['a bare LF after the request line', 'GET /v HTTP/1.1\nHost: h\r\n\r\n'],
  ['a bare LF after a field', 'GET /v HTTP/1.1\r\nHost: h\nX-A: 1\r\n\r\n'],
  ['a bare LF at the end of the head', `GET /v HTTP/1.1\r\nHost: h\r\n\n${hidden}`],
  ['a bare CR in a value', get('X-A: 1\rTransfer-Encoding: chunked')],
  ['a bare CR in the request line', 'GET /v\r HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['a NUL in a value', get('X-A: 1\x002')],
  ['a NUL in a name', get('X-\0A: 1')],
  ['a control character in a value', get('X-A: \x01')],
  ['a delete in a value', get('X-A: \x7f')],
  ['an empty name', get(': 1')],
  ['a name with a space in it', get('X A: 1')],
  ['a line without a colon', get('X-A')],
  ['two Host fields', get('Host: h')],
  ['two Host fields in other cases', get('hOST: other')],
  ['no Host', lines('GET /v HTTP/1.1')],
  ['a Host with a comma', lines('GET /v HTTP/1.1', 'Host: a, b')],
  ['a Host with an at sign', lines('GET /v HTTP/1.1', 'Host: a@b')],
  ['HTTP/0.9', 'GET /v\r\n\r\n'],
  ['HTTP/1.2', lines('GET /v HTTP/1.2', 'Host: h')],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/3.0', lines('GET /v HTTP/3.0', 'Host: h')],
  ['a version with a sign', lines('GET /v HTTP/+1.1', 'Host: h')],
  ['a version in lower case', lines('GET /v http/1.1', 'Host: h')],
  ['words after the version', lines('GET /v HTTP/1.1 x', 'Host: h')],
  ['two spaces', lines('GET  /v HTTP/1.1', 'Host: h')],
  ['a tab for a space', lines('GET\t/v HTTP/1.1', 'Host: h')],
  ['a space in the target', lines('GET /v /w HTTP/1.1', 'Host: h')],
  ['a method in brackets', lines('[GET] /v HTTP/1.1', 'Host: h')],
  ['two empty lines first', `\r\n\r\n${get()}`],
  ['a lone LF first', `\n${get()}`],
  ['a lone CR first', `\r${get()}`],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['words', 'hello there\r\n\r\n'],
]

/** Bodies whose end two servers could see in different places: the request is given up, wherever it is by then. */
const brokenBodies: readonly [name: string, body: string][] = [
  ['a chunk longer than its size', `3\r\nabcd\r\n0\r\n\r\n${hidden}`],
  ['a chunk shorter than its size', `5\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a hexadecimal prefix', `0x3\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a signed size', `+3\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a negative size', `-1\r\n\r\n${hidden}`],
  ['no size', `\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a size beyond numbers', `ffffffffffffffff\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a size in quotes', `"3"\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a space before the end of a size', `3 \r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a bare LF after a size', `3\nabc\r\n0\r\n\r\n${hidden}`],
  ['a bare LF in an extension', `3;a=b\nabc\r\n0\r\n\r\n${hidden}`],
  ['a bare LF after a chunk', `3\r\nabc\n0\r\n\r\n${hidden}`],
  ['a bare CR after a size', `3\rabc\r\n0\r\n\r\n${hidden}`],
  ['a trailer without a colon', `0\r\nhidden\r\n\r\n${hidden}`],
  ['a folded trailer', `0\r\nX-A: 1\r\n b\r\n\r\n${hidden}`],
  ['a bare LF after a trailer', `0\r\nX-A: 1\n\r\n${hidden}`],
  ['a bare LF at the end of the trailers', `0\r\nX-A: 1\r\n\n${hidden}`],
  ['a space before the colon of a trailer', `0\r\nX-A : 1\r\n\r\n${hidden}`],
  ['a NUL in a trailer', `0\r\nX-A: 1\x002\r\n\r\n${hidden}`],
  ['a folded Content-Length in the trailers', `0\r\nContent-Length:\r\n 9\r\n\r\n${hidden}`],
  ['trailers without end', `0\r\n${'X-A: 1\r\n'.repeat(8_000)}`],
]

const accepted: readonly Row[] = [
  ['one empty line first', `\r\n${get()}`, [200], 'open', ['GET /v ']],
  [
    'a body that looks like a request',
    post(`Content-Length: ${hidden.length}`) + hidden,
    [200],
    'open',
    [`POST /v ${hidden}`],
  ],
  [
    'a chunk that looks like a request',
    `${chunked}${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
    [200],
    'open',
    [`POST /v ${hidden}`],
  ],
  ['a body of a GET', `${get('Content-Length: 3')}abc`, [200], 'open', ['GET /v abc']],
  [
    'chunks of a GET',
    `${get('Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
    [200],
    'open',
    ['GET /v abc'],
  ],
  ['chunked in capitals', `${post('Transfer-Encoding: CHUNKED')}0\r\n\r\n`, [200], 'open', ['POST /v ']],
  ['blanks around values', `${post('Content-Length: \t 3 \t')}abc`, [200], 'open', ['POST /v abc']],
  [
    'trailers that would frame or identify, which go nowhere',
    `${chunked}1\r\na\r\n0\r\nContent-Length: 9\r\nX-User-Id: evil\r\n\r\n`,
    [200],
    'open',
    ['POST /v a'],
  ],
  ['a length in underscores', post('Content_Length: 40'), [200], 'open', ['POST /v ']],
  ['no body where none is said', `${post()}${get()}`, [200, 200], 'open', ['POST /v ', 'GET /v ']],
  ['close in any case', get('Connection: Close') + hidden, [200], 'closed', ['GET /v ']],
  ['HTTP/1.0', lines('GET /v HTTP/1.0', 'Host: h') + hidden, [200], 'closed', ['GET /v ']],
  ['the absolute form', lines('GET http://h/v HTTP/1.1', 'Host: h'), [200], 'open', ['GET /v ']],
  [
    'a CONNECT, and what it would tunnel',
    lines('CONNECT /v HTTP/1.1', 'Host: h') + hidden,
    [405],
    'closed',
    [],
  ],
  ['a CONNECT in its own form', lines('CONNECT h:443 HTTP/1.1', 'Host: h') + hidden, [405], 'closed', []],
  ['a TRACE', lines('TRACE /v HTTP/1.1', 'Host: h'), [405], 'open', []],
  ['dot segments', lines('GET /v/../w HTTP/1.1', 'Host: h'), [400], 'open', []],
  ['an asterisk', lines('OPTIONS * HTTP/1.1', 'Host: h'), [400], 'open', []],
  ['a head that is too large', get(`X-Long: ${'x'.repeat(40_000)}`), [431], 'closed', []],
  ['a target that is too long', lines(`GET /${'x'.repeat(40_000)} HTTP/1.1`, 'Host: h'), [431], 'closed', []],
]

const rows: readonly Row[] = [
  ...refused.map(([name, raw]): Row => [name, raw, [400], 'closed', []]),
  ...accepted,
]

describe('bytes that two servers could read in two ways', () => {
  it.each(rows)(
    '%s: %j is answered %j, and the connection is %s',
    async (_name, raw, statuses, after, seen) => {
      const client = await connectClient(house.running.port)
      client.socket.write(raw, 'latin1')
      if (after === 'open') {
        await client.until(new RegExp(`(HTTP/1\\.1 \\d{3}[\\s\\S]*){${statuses.length}}`))
        client.socket.write(lines('GET /probe HTTP/1.1', 'Host: h', 'Connection: close'))
        expect(statusesOf(await client.ended())).toEqual([...statuses, 200])
      } else expect(statusesOf(await client.ended())).toEqual(statuses)
      const expected = after === 'open' ? [...seen, 'GET /probe '] : seen
      expect(upstream.seen.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual(expected)
      for (const { headers } of upstream.seen) expect(JSON.stringify(headers)).not.toMatch(/evil|hidden/)
    },
  )

  it.each(brokenBodies)(
    'a body with %s is never complete, and nothing behind it is a request',
    async (_name, body) => {
      const client = await connectClient(house.running.port)
      client.socket.write(chunked + body, 'latin1')
      expect(statusesOf(await client.ended())).toEqual([400])
      expect(upstream.seen).toEqual([])
    },
  )
})

describe('whatever a client sends', () => {
  const known = [...refused.map(([, raw]) => raw), ...accepted.map(([, raw]) => raw)].filter(
    (raw) => raw.length < 1_000,
  )
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(
        fc.constantFrom(...known),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
      )
      .map(([raw, changes]) => {
        const bytes = Buffer.from(raw, 'latin1')
        for (const [place, octet] of changes) bytes[place % bytes.length] = octet
        return bytes
      }),
  )

  it('ends in answers, and leaves nothing behind', async () => {
    const server = await startGatewayServer(echo)
    await fc.assert(
      fc.asyncProperty(garbage, fc.nat(), async (bytes, place) => {
        const client = await server.connect()
        const middle = place % (bytes.length + 1)
        client.socket.write(bytes.subarray(0, middle))
        client.socket.end(bytes.subarray(middle))
        const text = await client.ended()
        expect(text).toMatch(/^(HTTP\/1\.1 \d{3} [\s\S]*)?$/)
        client.socket.destroy()
      }),
      { numRuns: 300 },
    )
    expect([server.errors, server.door.active()]).toEqual([[], 0])
  })
})
