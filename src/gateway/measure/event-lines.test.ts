import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventReader, createJsonLinesReader } from './event-lines.ts'

function read(create: typeof createEventReader, bytes: Buffer, cuts: readonly number[] = []): string[] {
  const documents: string[] = []
  const reader = create((text) => documents.push(text))
  let from = 0
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    reader.write(bytes.subarray(from, cut))
    from = Math.max(from, cut)
  }
  reader.end()
  return documents
}

describe('server-sent events', () => {
  it.each([
    ['data: a\n\n', ['a']],
    ['data: a\r\n\r\ndata:b\r\rdata:  c\n\n', ['a', 'b', ' c']],
    ['data: a\ndata: b\ndata\n\n', ['a\nb\n']],
    ['event: x\nid: 7\n: comment\nretry: 5\ndata: a\n\n', ['a']],
    ['event: ping\n\n\n\ndata: a\n\n', ['a']],
    ['database: no\ndata: a', ['a']],
    ['data: {"x":1}\n\ndata: [DONE]\n\n', ['{"x":1}', '[DONE]']],
    ['', []],
  ])('%j hold %j', (text, documents) => {
    expect(read(createEventReader, Buffer.from(text))).toEqual(documents)
  })

  it('are the same however the bytes are cut, in the middle of a line end or of a character too', () => {
    const line = fc.oneof(
      fc.constantFrom('data: {"n":1}', 'data: Grüße 🎈', 'data:', 'event: a', ': c', '', 'data: x'),
      fc.string().map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
    )
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 30 })
      .map((lines) => Buffer.from(lines.flat().join('')))
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 30 }), (bytes, cuts) => {
        expect(read(createEventReader, bytes, cuts)).toEqual(read(createEventReader, bytes))
      }),
      { numRuns: 300 },
    )
  })

  it('that are too long are skipped, without holding them and without losing the next', () => {
    const long = 'x'.repeat(300_000)
    const lines = 'data: y\n'.repeat(200_000)
    expect(read(createEventReader, Buffer.from(`data: ${long}\n\ndata: a\n\n`))).toEqual(['a'])
    expect(read(createEventReader, Buffer.from(`${lines}\ndata: a\n\n`))).toEqual(['a'])
  })
})

it('JSON lines are documents, with or without a line end after the last', () => {
  expect(read(createJsonLinesReader, Buffer.from('{"a":1}\n\n{"b":2}\r\n{"c":3}'))).toEqual([
    '{"a":1}',
    '{"b":2}',
    '{"c":3}',
  ])
})
