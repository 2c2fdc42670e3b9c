import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResponseParser } from './response-parser.ts'

interface Reading {
  head?: { status: number; reason: string; headers: readonly string[]; bodyLength: number | undefined }
  body: string
  isComplete: boolean
  trailers: readonly string[]
  /** The connection may go on: the parser says so and nothing was left over. */
  isReusable: boolean
  problem?: string
}

/** Reads pieces as one connection would: stops at a refusal, and says at the end whether the answer was whole. */
function read(
  pieces: readonly Buffer[],
  { isHead = false, isClosed = false, maxHeadBytes = 1024 } = {},
): Reading {
  const reading: Reading = { body: '', isComplete: false, trailers: [], isReusable: false }
  const parser = new ResponseParser(
    {
      onHead: (status, reason, headers, bodyLength) => {
        reading.head = { status, reason, headers, bodyLength }
      },
      onBody: (bytes, start, end) => {
        reading.body += bytes.toString('latin1', start, end)
      },
      onComplete: (bytes, start, end, trailers, isReusable) => {
        reading.body += bytes.toString('latin1', start, end)
        Object.assign(reading, { isComplete: true, trailers, isReusable })
      },
    },
    maxHeadBytes,
  )
  parser.begin(isHead)
  for (const piece of pieces) {
    if (reading.isComplete) reading.isReusable = false
    else {
      const problem = parser.push(Buffer.from(piece), 0, piece.length)
      if (problem !== undefined) return { ...reading, problem }
    }
  }
  if (isClosed && !reading.isComplete) parser.finish()
  return reading
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const readText = (text: string, options: Parameters<typeof read>[1] = {}): Reading =>
  read([bytes(text)], options)

/** Cuts at every given offset. */
function cut(whole: Buffer, offsets: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...offsets.map((offset) => offset % whole.length), whole.length])]
  const sorted = places.toSorted((a, b) => a - b)
  return sorted.slice(1).map((end, index) => whole.subarray(sorted[index], end))
}

const answers: Record<string, string> = {
  'known length': 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
  'no body': 'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n',
  chunked:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a="b"\r\n \r\n00A\r\n0123456789\r\n0\r\nX-Sum:  7 \r\n\r\n',
  interim:
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'surplus bytes':
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen',
  'surplus after chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore',
  'bad chunk size':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n+5\r\nworld\r\n0\r\n\r\n',
  'bare line feed': 'HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 5\r\n\r\nhello',
  'both framings': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'cut off': 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello',
  'until close': 'HTTP/1.1 200 OK\r\nServer: plain\r\n\r\nhello',
}

describe('an answer reads the same however its bytes are cut', () => {
  it.each(Object.entries(answers))('%s, cut at every offset and octet by octet', (_, text) => {
    const whole = bytes(text)
    const expected = read([whole], { isClosed: true })
    for (let offset = 1; offset < whole.length; offset++) {
      expect(read(cut(whole, [offset]), { isClosed: true })).toEqual(expected)
    }
    const octets = cut(whole, [...whole.keys()])
    expect(octets).toHaveLength(whole.length)
    expect(read(octets, { isClosed: true })).toEqual(expected)
  })

  it('at random places, also when any of its octets is damaged', () => {
    const damage = fc.record({ at: fc.nat(), octet: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(answers)),
        fc.array(damage, { maxLength: 3 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.boolean(),
        (text, damages, offsets, isClosed) => {
          const whole = bytes(text)
          for (const { at, octet } of damages) whole[at % whole.length] = octet
          expect(read(cut(whole, offsets), { isClosed })).toEqual(read([whole], { isClosed }))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('and any body in any chunks comes out as it was', () => {
    const piece = fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' })
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        (chunks, offsets) => {
          const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
          const whole = bytes(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`)
          const reading = read(cut(whole, offsets))
          expect(reading).toMatchObject({ body: chunks.join(''), isComplete: true, isReusable: true })
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('a head', () => {
  it('is passed on in order and case, with every Set-Cookie, without what concerns the connection', () => {
    const { head, body, isReusable } = readText(
      'HTTP/1.1 200 Fine, thanks\r\nSet-Cookie: a=1\r\nconnection: keep-alive, X-Internal\r\nX-INTERNAL: secret\r\n' +
        'Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authenticate: Basic\r\nTE: trailers\r\n' +
        'Trailer: X-Sum\r\nUpgrade: h2c\r\nSet-Cookie: b=2\r\nX-Empty:\r\nx-Padded: \t a b \t\r\ncontent-length: 2\r\n\r\nok',
    )
    expect(head).toEqual({
      status: 200,
      reason: 'Fine, thanks',
      headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Empty', '', 'x-Padded', 'a b'],
      bodyLength: 2,
    })
    expect({ body, isReusable }).toEqual({ body: 'ok', isReusable: true })
  })

  it('of an answer to HEAD, or of a 304, keeps its Content-Length and has no body; a 204 loses it', () => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n'
    const notModified = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n'
    for (const reading of [readText(ok, { isHead: true }), readText(notModified)]) {
      expect(reading.head).toMatchObject({ headers: ['Content-Length', '77'], bodyLength: 0 })
      expect(reading).toMatchObject({ isComplete: true, isReusable: true })
    }
    const noContent = readText('HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n')
    expect(noContent.head).toMatchObject({ headers: [], bodyLength: 0 })
    const chunkedHead = readText('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', { isHead: true })
    expect(chunkedHead).toMatchObject({ isComplete: true, isReusable: true, body: '' })
  })

  it('may repeat an equal Content-Length', () => {
    const raw = (lengths: string): string => `HTTP/1.1 200 OK\r\n${lengths}\r\nok`
    for (const lengths of ['Content-Length: 2\r\nContent-Length: 2\r\n', 'Content-Length: 2, 2\r\n']) {
      expect(readText(raw(lengths))).toMatchObject({ body: 'ok', isComplete: true, isReusable: true })
    }
  })

  it.each([
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok'],
    ['close', 'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nok'],
    ['until close', 'HTTP/1.1 200 OK\r\n\r\nok'],
  ])('that says %s ends the use of the connection', (_, text) => {
    expect(readText(text, { isClosed: true })).toMatchObject({
      body: 'ok',
      isComplete: true,
      isReusable: false,
    })
  })

  it('may be as large as the bound, informational heads counted, and not an octet larger', () => {
    const lead = 'HTTP/1.1 103 Hi\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: '
    const fill = 'a'.repeat(1024 - lead.length - 4)
    expect(readText(`${lead}${fill}\r\n\r\n`)).toMatchObject({ isComplete: true })
    expect(readText(`${lead}${fill}a\r\n\r\n`).problem).toBe('the head is too large')
  })
})

describe('trailers', () => {
  it('are delivered at the end, without framing fields', () => {
    const lines = 'X-Sum: 7\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\nX-B: c\r\n'
    const reading = readText(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n${lines}\r\n`,
    )
    expect(reading).toMatchObject({ body: 'ok', trailers: ['X-Sum', '7', 'X-B', 'c'], isReusable: true })
  })
})

describe('a head that repeats the one before on its connection', () => {
  const head = fc.constantFrom(
    'HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX-A: 12\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX-Hidden: HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n',
  )

  /** What each answer of a connection reads as. */
  function readAll(
    parserFor: (deliver: Deliver) => ResponseParser,
    texts: readonly string[],
    cuts: readonly number[],
    areHeads: readonly boolean[],
  ) {
    return texts.map((text, index) => {
      const told: unknown[] = []
      const parser = parserFor((one) => told.push(one))
      parser.begin(areHeads[index] === true)
      for (const piece of cut(bytes(text), cuts)) told.push(parser.push(Buffer.from(piece), 0, piece.length))
      return told.filter((one) => one !== undefined)
    })
  }
  type Deliver = (one: unknown) => void
  const parserTo = (deliver: Deliver): ResponseParser =>
    new ResponseParser(
      {
        onHead: (status, reason, headers, bodyLength) => deliver([status, reason, [...headers], bodyLength]),
        onBody: (body, start, end) => deliver(body.toString('latin1', start, end)),
        onComplete: (body, start, end, _trailers, isReusable) =>
          deliver([body.toString('latin1', start, end), isReusable]),
      },
      1024,
    )

  it('reads as it would without it, however it is cut, also where HEAD and GET alternate', () => {
    fc.assert(
      fc.property(
        fc.array(head, { minLength: 2, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 2 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        (heads, cuts, areHeads) => {
          const texts = heads.map((one, index) => (areHeads[index] === true ? one : `${one}ok`))
          let deliver: Deliver = () => {}
          const remembering = parserTo((one) => deliver(one))
          const sameParser = (next: Deliver): ResponseParser => {
            deliver = next
            return remembering
          }
          expect(readAll(sameParser, texts, cuts, areHeads)).toEqual(readAll(parserTo, texts, cuts, areHeads))
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
