import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plannedRoute } from '#test/support/planned-route.ts'
import {
  linesForReadableAnswer,
  type PlainRequest,
  requestFacts,
  transformRequest,
} from './transform-request.ts'

const plain: PlainRequest = {
  method: 'POST',
  path: '/cities/lagos',
  query: '?units=metric&debug=1&q=a%20b',
  lines: 'Accept: */*\r\nCookie: a=1\r\nContent-Type: text/plain\r\nX-Two: 1\r\nx-two: 2\r\n',
  captures: { city: 'lagos' },
  key: { id: 'key_1', organization_id: 'org_1', plan: 'Pro' },
  body: null,
}

function apply(transform: unknown, request: Partial<PlainRequest> = {}) {
  const plan = plannedRoute({ request_transform: transform }).requestTransform
  if (plan === null) throw new Error('no plan')
  return transformRequest(plan, { ...plain, ...request })
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

describe('a request', () => {
  it('gets, loses and changes headers; the others keep their spelling and order', () => {
    const lines =
      'Accept: */*\r\nContent-Type: text/plain\r\nX-City: lagos\r\nX-TWO: 1, 2\r\nX-Caller: Pro/org_1/key_1\r\nX-Path: POST /cities/lagos\r\n'
    expect(
      apply({
        set_headers: {
          'X-City': '=captures.city',
          'X-TWO': '=headers["x-two"]',
          'X-Caller': '=key.plan + "/" + key.organization_id + "/" + key.id',
          'X-Path': '=method + " " + path',
        },
        delete_headers: ['COOKIE'],
      }),
    ).toEqual({ ok: true, query: plain.query, lines, body: null })
  })

  it.each([
    [{ delete_query: ['debug'] }, '?units=metric&q=a%20b'],
    [{ set_query: { units: 'imperial' } }, '?debug=1&q=a%20b&units=imperial'],
    [{ set_query: { who: '=key.plan + " & co"', n: '=1 + 1' } }, `${plain.query}&who=Pro%20%26%20co&n=2`],
    [{ set_query: { q: '=query.q + "\\r\\n"' } }, '?units=metric&debug=1&q=a%20b%0D%0A'],
    [{ delete_query: ['units', 'debug', 'q'] }, ''],
  ])('%j makes the query %s', (transform, query) => {
    expect(apply(transform)).toMatchObject({ ok: true, query })
  })

  it('gets a new body as JSON, and headers that described the old one go', () => {
    const request = {
      lines: `${plain.lines}Content-Encoding: gzip\r\nContent-MD5: abc\r\n`,
      body: json({ prompt: 'hi', stream: true }),
    }
    const result = apply(
      { body_expr: '{"input": body.prompt, "stream_options": {"include_usage": true}}' },
      request,
    )
    expect(result).toMatchObject({ ok: true })
    if (!result.ok) return
    expect(JSON.parse(String(result.body))).toEqual({ input: 'hi', stream_options: { include_usage: true } })
    expect(result.lines).toBe(
      'Accept: */*\r\nCookie: a=1\r\nX-Two: 1\r\nx-two: 2\r\nContent-Type: application/json\r\n',
    )
  })

  it('gets a text as it is, and the Content-Type that is set', () => {
    const result = apply(
      { body_expr: '"name=" + body.name', set_headers: { 'content-type': 'text/x-form' } },
      { body: json({ name: 'Grüße' }) },
    )
    expect(result.ok && String(result.body)).toBe('name=Grüße')
    expect(result.ok && result.lines.match(/content-type: .*/gi)).toEqual(['content-type: text/x-form'])
  })

  it('without a body stays without one', () => {
    for (const body of [null, Buffer.alloc(0)])
      expect(apply({ body_expr: '{"a": 1}' }, { body })).toMatchObject({ ok: true, body: null })
  })

  it('keeps the body that was sent when only headers read it', () => {
    expect(apply({ set_headers: { 'X-A': '=body.a' } }, { body: json({ a: 5 }) })).toMatchObject({
      ok: true,
      lines: expect.stringContaining('X-A: 5\r\n'),
      body: null,
    })
  })

  it.each([
    ['a missing field', { body_expr: 'body.missing' }, json({ a: 1 }), 'body_expr: there is no such key'],
    ['a body that is no JSON', { body_expr: 'body' }, Buffer.from('<a>'), 'the body is not JSON'],
    [
      'a body with too many values',
      { body_expr: 'body' },
      Buffer.from(`[${'0,'.repeat(50_000)}0]`),
      'too many values',
    ],
    [
      'a header that is no text',
      { set_headers: { 'X-A': '=body.a' } },
      json({ a: [1] }),
      'set_headers.X-A: the result is not a text',
    ],
    [
      'a header with a line end',
      { set_headers: { 'X-A': '=body.a' } },
      json({ a: 'x\r\nX-User-ID: me' }),
      'a header cannot carry',
    ],
    [
      'a header beyond Latin-1',
      { set_headers: { 'X-A': '=body.a' } },
      json({ a: '€' }),
      'a header cannot carry',
    ],
    [
      'a header of a missing one',
      { set_headers: { 'X-A': '=headers["x-none"]' } },
      null,
      'set_headers.X-A: there is no such key',
    ],
  ])('%s is a transform_error, and nothing of the request comes back', (_name, transform, body, detail) => {
    const result = apply(transform, { body })
    expect(result).toEqual({
      ok: false,
      refusal: expect.objectContaining({ code: 'transform_error', details: { field: 'request_transform' } }),
      detail: expect.stringContaining(detail),
    })
  })

  it('never gets a line that was not asked for, whatever the values are', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `${text}\r\nX-User-ID: me\n`),
    )
    fc.assert(
      fc.property(hostile, hostile, (header, parameter) => {
        const result = apply(
          { set_headers: { 'X-A': '=body.h' }, set_query: { p: '=body.q', q: parameter.replace(/^=+/, '') } },
          { body: json({ h: header, q: parameter }) },
        )
        if (!result.ok) return
        expect(result.lines.split('\r\n')).toHaveLength(plain.lines.split('\r\n').length + 1)
        expect(result.lines.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]|[^\0-\xff]/)
        expect(result.query).toMatch(/^\?[!-~]*$/)
        expect(result.query).not.toContain('#')
      }),
      { numRuns: 300 },
    )
  })
})

it('what an answer may know of its request', () => {
  expect(requestFacts(plain)).toEqual({
    method: 'POST',
    path: '/cities/lagos',
    query: { units: 'metric', debug: '1', q: 'a b' },
    headers: { accept: '*/*', cookie: 'a=1', 'content-type': 'text/plain', 'x-two': '1, 2' },
  })
})

describe('where the answer has to be read, the client can ask neither for a part of it nor for a coding we cannot read', () => {
  it.each([
    ['Accept: a\r\nRange: bytes=0-5\r\nIf-Range: "x"\r\n', 'Accept: a\r\n'],
    ['Accept-Encoding: gzip, compress;q=0.5, br;q=1\r\n', 'Accept-Encoding: gzip, br;q=1\r\n'],
    ['accept-encoding: compress\r\nAccept-Encoding: *\r\n', 'Accept-Encoding: identity\r\n'],
    ['Accept: a\r\n', 'Accept: a\r\n'],
  ])('%j becomes %j', (lines, kept) => expect(linesForReadableAnswer(lines)).toBe(kept))
})
