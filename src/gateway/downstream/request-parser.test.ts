import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRequestHead } from '../read-request-head.ts'
import { incomplete, malformed } from '../wire/field-block.ts'
import { RequestBody } from './request-body.ts'
import { RequestParser } from './request-parser.ts'

const maxHeadBytes = 512

/** Everything that a connection's bytes mean, read in these pieces: one line a request, and how it ended. */
function meaningOf(pieces: readonly Buffer[]): string[] {
  const parser = new RequestParser(maxHeadBytes)
  const body = new RequestBody(maxHeadBytes)
  const lines: string[] = []
  let data = ''
  const finish = (): void => {
    lines.push(`${parser.method} ${parser.target} ${parser.httpVersion} [${data}]`)
    data = ''
  }
  for (const piece of pieces) {
    const bytes = Buffer.from(piece)
    let at = 0
    while (at < bytes.length) {
      if (!body.isComplete) {
        at = body.read(bytes, at, bytes.length)
        data += bytes.toString('latin1', body.dataStart, body.dataEnd)
        // How much of a body was passed on before it went wrong does depend on the pieces.
        if (body.problem !== '') return [...lines, `refused: ${body.problem}`]
        if (body.isComplete) finish()
        continue
      }
      const after = parser.read(bytes, at, bytes.length)
      if (after === malformed) return [...lines, `refused: ${parser.block.isTooLarge ? 431 : 400}`]
      if (after === incomplete) break
      at = after
      const head = readRequestHead(parser.block, parser.httpVersion)
      if (!head.ok) return [...lines, `refused: ${head.message}`]
      body.begin(head.body)
      if (body.isComplete) finish()
    }
  }
  return body.isComplete && parser.isUntouched ? lines : [...lines, 'unfinished']
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  const pieces: Buffer[] = []
  let from = 0
  for (const place of [...sorted, bytes.length]) {
    if (place > from) pieces.push(bytes.subarray(from, place))
    from = place
  }
  return pieces
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

const conversations: [name: string, text: string][] = [
  ['a request', 'GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-A:1\r\nX-B:\t two \r\n\r\n'],
  ['one of HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  [
    'two after an empty line each',
    '\r\nGET /1 HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n',
  ],
  [
    'a body and a request',
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: h\r\n\r\n',
  ],
  [
    'chunks with extensions and trailers, and a request',
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n',
  ],
  ['two empty lines', '\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['a head that is too large', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(maxHeadBytes)}\r\n\r\n`],
  [
    'a broken chunk',
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n',
  ],
  ['a folded line', 'GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n'],
  ['half a head', 'GET / HTTP/1.1\r\nHost'],
  ['half a body', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc'],
]

describe('what bytes mean', () => {
  it('is this', () => {
    const meanings = conversations.map(([name, text]) => [name, meaningOf([latin1(text)])])
    expect(Object.fromEntries(meanings)).toEqual({
      'a request': ['GET /a?b=c 1.1 []'],
      'one of HTTP/1.0': ['GET / 1.0 []'],
      'two after an empty line each': ['GET /1 1.1 []', 'GET /2 1.1 []'],
      'a body and a request': ['POST / 1.1 [hello]', 'GET / 1.1 []'],
      'chunks with extensions and trailers, and a request': ['POST / 1.1 [abc0123456789]', 'GET /n 1.1 []'],
      'two empty lines': ['refused: 400'],
      'a head that is too large': ['refused: 431'],
      'a broken chunk': ['refused: a chunk is longer than its size'],
      'a folded line': ['refused: 400'],
      'half a head': ['unfinished'],
      'half a body': ['unfinished'],
    })
  })

  it.each(conversations)('%s: is the same wherever they are cut in two, and one by one', (_name, text) => {
    const bytes = latin1(text)
    const whole = meaningOf([bytes])
    for (let place = 1; place < bytes.length; place++) expect(meaningOf(cut(bytes, [place]))).toEqual(whole)
    expect(meaningOf(cut(bytes, [...bytes.keys()]))).toEqual(whole)
  })

  const texts = fc.constantFrom(...conversations.map(([, text]) => text))
  const places = fc.array(fc.nat(), { maxLength: 12 })

  it('is the same however several conversations are cut', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 3 }), places, (parts, cuts) => {
        const bytes = latin1(parts.join(''))
        expect(meaningOf(cut(bytes, cuts))).toEqual(meaningOf([bytes]))
      }),
    )
  })

  it('is the same for damaged ones, and reading them always ends', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })
    fc.assert(
      fc.property(texts, damage, places, (text, changes, cuts) => {
        const bytes = latin1(text)
        for (const [place, octet] of changes) bytes[place % bytes.length] = octet
        expect(meaningOf(cut(bytes, cuts))).toEqual(meaningOf([bytes]))
      }),
      { numRuns: 500 },
    )
  })

  it('is nothing or a refusal for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_000 }), places, (random, cuts) => {
        const meaning = meaningOf(cut(Buffer.from(random), cuts))
        expect(meaning.join('')).toMatch(/^(unfinished|refused: \d+)?$/)
      }),
    )
  })
})

describe('a request line', () => {
  it.each([
    ['no method', ' / HTTP/1.1'],
    ['no target', 'GET HTTP/1.1'],
    ['two spaces before the target', 'GET  / HTTP/1.1'],
    ['two spaces after the target', 'GET /  HTTP/1.1'],
    ['a space in the target', 'GET /a b HTTP/1.1'],
    ['a tab', 'GET\t/ HTTP/1.1'],
    ['a control character', 'GET /\x01 HTTP/1.1'],
    ['a NUL', 'GET /\0 HTTP/1.1'],
    ['a delete', 'GET /\x7f HTTP/1.1'],
    ['a method that is no token', 'G(T / HTTP/1.1'],
    ['no version', 'GET /'],
    ['HTTP/0.9', 'GET / HTTP/0.9'],
    ['HTTP/1.2', 'GET / HTTP/1.2'],
    ['HTTP/1.10', 'GET / HTTP/1.10'],
    ['HTTP/2.0', 'PRI * HTTP/2.0'],
    ['lower case', 'GET / http/1.1'],
    ['space at the end', 'GET / HTTP/1.1 '],
    ['a leading space', ' GET / HTTP/1.1'],
  ])('with %s is refused', (_name, line) => {
    expect(meaningOf([latin1(`${line}\r\nHost: h\r\n\r\n`)])).toEqual(['refused: 400'])
  })

  it('with bare ends is refused', () => {
    expect(meaningOf([latin1('GET / HTTP/1.1\nHost: h\n\n')])).toEqual(['refused: 400'])
    expect(meaningOf([latin1('GET / HTTP/1.1\rHost: h\r\r')])).toEqual(['refused: 400'])
  })
})

describe('a head that repeats the fields of the one before', () => {
  const line = fc.constantFrom(
    'GET /a HTTP/1.1',
    'GET /longer?x=1 HTTP/1.1',
    'POST /a HTTP/1.0',
    '\r\nGET /b HTTP/1.1',
  )
  const field = fc.constantFrom('Host: h', 'X-A: 1', 'X-A: 2', 'Content-Length: 0', 'X-Tail: GET /a HTTP/1.1')
  const fields = fc.array(field, { maxLength: 3 }).map((all) => [...all, '', ''].join('\r\n'))
  const heads = fc.array(fc.tuple(line, fields), { minLength: 2, maxLength: 6 })

  /** What a parser that has read the heads before says of each. */
  function readAll(
    parserFor: (index: number) => RequestParser,
    texts: readonly string[],
    cuts: readonly number[],
  ) {
    return texts.map((text, index) => {
      const parser = parserFor(index)
      let after = incomplete
      for (const piece of cut(latin1(text), cuts)) after = parser.read(Buffer.from(piece), 0, piece.length)
      const head = readRequestHead(parser.block, parser.httpVersion)
      const known = head.ok ? [head.host, head.lines, head.body] : [head.message]
      return [
        after >= 0,
        parser.method,
        parser.target,
        parser.httpVersion,
        parser.headText.trimStart(),
        ...known,
      ]
    })
  }

  it('reads as it would without them, however it is cut', () => {
    fc.assert(
      fc.property(heads, fc.array(fc.nat(), { maxLength: 2 }), (all, cuts) => {
        const texts = all.map(([start, rest]) => `${start}\r\n${rest}`)
        const remembering = new RequestParser(maxHeadBytes)
        expect(readAll(() => remembering, texts, cuts)).toEqual(
          readAll(() => new RequestParser(maxHeadBytes), texts, cuts),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  it('is recognised, and one octet more or less is not', () => {
    const parser = new RequestParser(maxHeadBytes)
    const seen = ['X: 1', 'X: 1', 'X: 12', 'X: 12', 'X: 1'].map((one) => {
      const bytes = latin1(`GET / HTTP/1.1\r\nHost: h\r\n${one}\r\n\r\n`)
      return [parser.read(bytes, 0, bytes.length) === bytes.length, parser.isRepeated]
    })
    expect(seen).toEqual([
      [true, false],
      [true, true],
      [true, false],
      [true, true],
      [true, false],
    ])
  })
})
