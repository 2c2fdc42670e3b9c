import { expect, it } from 'vitest'
import { readRequestHead } from './read-request-head.ts'
import { FieldBlock } from './wire/field-block.ts'

function read(lines: readonly string[], httpVersion = '1.1') {
  const block = new FieldBlock('none')
  block.reset(10_000)
  const bytes = Buffer.from([...lines, '', ''].join('\r\n'), 'latin1')
  expect(block.read(bytes, 0, bytes.length)).toBe(bytes.length)
  return readRequestHead(block, httpVersion)
}

it('passes lines on as they were sent, without those that are ours to say', () => {
  const head = read([
    'Accept:a',
    'X-B: \t b ',
    'Host: Example.com:80',
    'X-C: c',
    'constructor: d',
    'X-User-Id: evil',
    'X_Plan_Id: evil',
    'TE: trailers',
    'X-E: e',
  ])
  expect(head).toMatchObject({
    host: 'example.com',
    rawHost: 'Example.com:80',
    lines: 'Accept:a\r\nX-B: \t b \r\nX-C: c\r\nconstructor: d\r\nX-E: e\r\n',
  })
})

it('passes nothing on that Connection names', () => {
  expect(read(['Host: h', 'A: 1', 'Connection: close, x-hop', 'X-Hop: 1', 'B: 2'])).toMatchObject({
    lines: 'A: 1\r\nB: 2\r\n',
    isLast: true,
  })
})

it.each([
  ['1.1', [], false],
  ['1.1', ['Connection: Keep-Alive'], false],
  ['1.1', ['Connection: CLOSE'], true],
  ['1.1', ['Connection: keep-alive', 'Connection: close'], true],
  ['1.0', [], true],
  ['1.0', ['Connection: keep-alive'], false],
  ['1.0', ['Connection: keep-alive, close'], true],
  ['1.0', ['Connection: x'], true],
])('HTTP/%s with %j: is the last of its connection: %s', (version, lines, isLast) => {
  expect(read(['Host: h', ...lines], version)).toMatchObject({ isLast })
})

it('offers an upgrade only with both headers, and expects an answer only in HTTP/1.1', () => {
  const upgrade = ['Host: h', 'Upgrade: websocket']
  expect(read([...upgrade, 'Connection: Upgrade'])).toMatchObject({ upgrade: 'websocket' })
  expect(read(upgrade)).toMatchObject({ upgrade: '' })
  const expects = ['Host: h', 'Expect: 100-Continue', 'Content-Length: 1']
  expect(read(expects)).toMatchObject({ expectsContinue: true, body: 1 })
  expect(read(expects, '1.0')).toMatchObject({ expectsContinue: false })
  expect(read(['Host: h', 'Expect: other'])).toMatchObject({ expectsContinue: false })
})

it('takes an underscore for a hyphen only where that cannot change how the message is read', () => {
  expect(read(['Host: h', 'Content_Length: 5', 'Transfer_Encoding: chunked', 'X_API_Key: k'])).toMatchObject({
    body: 'none',
    apiKeyHeader: 'k',
    lines: '',
  })
})

it.each([
  ['1.1', ['Host: a', 'Host: a']],
  ['1.1', []],
  ['1.1', ['Host: a b']],
  ['1.1', ['Host: h', 'Content-Length: 1', 'Content-Length: 1']],
  ['1.1', ['Host: h', 'Content-Length: 1, 1']],
  ['1.1', ['Host: h', 'Content-Length:']],
  ['1.1', ['Host: h', 'Content-Length: 1', 'Transfer-Encoding: chunked']],
  ['1.1', ['Host: h', 'Transfer-Encoding: chunked', 'Content-Length: 1']],
  ['1.1', ['Host: h', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
  ['1.1', ['Host: h', 'Transfer-Encoding: identity']],
  ['1.0', ['Host: h', 'Transfer-Encoding: chunked']],
])('HTTP/%s with %j is refused', (version, lines) => {
  expect(read(lines, version)).toMatchObject({ ok: false, code: 'invalid_request' })
})
