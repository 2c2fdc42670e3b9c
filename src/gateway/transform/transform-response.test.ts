import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plannedRoute } from '#test/support/planned-route.ts'
import { holdBody, plainBody } from './body.ts'
import { type PlainResponse, transformResponse } from './transform-response.ts'

const plain: PlainResponse = {
  status: 200,
  headers: [
    'Server',
    'x',
    'Set-Cookie',
    'a=1',
    'Set-Cookie',
    'b=2',
    'ETag',
    '"1"',
    'Content-Type',
    'text/json',
  ],
  body: Buffer.from('{"secret":"s3cr3t","name":"a","items":[1,2]}'),
  request: { method: 'GET', path: '/x', query: { fields: 'name' }, headers: {} },
}

function apply(transform: unknown, response: Partial<PlainResponse> = {}) {
  const plan = plannedRoute({ response_transform: transform }).responseTransform
  if (plan === null) throw new Error('no plan')
  return transformResponse(plan, { ...plain, ...response })
}

describe('an answer', () => {
  it('gets and loses headers; those that are there several times and stay, stay several', () => {
    expect(
      apply({
        set_headers: { 'X-Status': '=status', 'X-Asked': '=request.method + " " + request.query.fields' },
        delete_headers: ['server', 'Content-Type'],
      }),
    ).toEqual({
      ok: true,
      headers: [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'ETag',
        '"1"',
        'X-Status',
        '200',
        'X-Asked',
        'GET name',
      ],
      body: null,
    })
  })

  it('gets a new body, and every header that described the old one goes', () => {
    const old = [
      'Content-Encoding',
      'gzip',
      'Content-Length',
      '9',
      'Content-MD5',
      'x',
      'Digest',
      'x',
      'Accept-Ranges',
      'bytes',
    ]
    const result = apply(
      { body_expr: '{"name": body.name, "n": size(body.items)}' },
      { headers: [...plain.headers, ...old] },
    )
    expect(result.ok && JSON.parse(String(result.body))).toEqual({ name: 'a', n: 2 })
    expect(result.ok && result.headers).toEqual([
      ...['Server', 'x', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
      ...['Content-Type', 'application/json; charset=utf-8'],
    ])
  })

  it('to HEAD does not describe the body that it would not have got', () => {
    const result = apply(
      { body_expr: 'body' },
      { headers: ['Content-Length', '44', 'ETag', '"1"'], body: null },
    )
    expect(result).toEqual({ ok: true, headers: [], body: null })
  })

  it.each([
    ['a missing field', { body_expr: 'body.missing' }, plain.body],
    ['a field that is no map', { body_expr: 'body.name.first' }, plain.body],
    ['a body that is no JSON', { body_expr: 'body' }, Buffer.from('s3cr3t')],
    [
      'a header that fails beside a body that does not',
      { body_expr: 'body', set_headers: { 'X-A': '=body.none' } },
      plain.body,
    ],
    ['a header with a line end', { set_headers: { 'X-A': '=body.a' } }, Buffer.from('{"a":"s3cr3t\\n"}')],
    [
      'too much work',
      { body_expr: 'body.items.map(a, body.items.map(b, body.items))' },
      Buffer.from(JSON.stringify({ items: Array.from({ length: 9_000 }, () => 's3cr3t') })),
    ],
  ])('%s is a transform_error from which the body cannot be reached', (_name, transform, body) => {
    const result = apply(transform, { body })
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'transform_error', details: { field: 'response_transform' } },
    })
    expect(JSON.stringify(result)).not.toContain('s3cr3t')
  })

  it('never carries a line end in a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const result = apply(
          { set_headers: { 'X-A': '=body.a' } },
          { body: Buffer.from(JSON.stringify({ a: text })) },
        )
        if (result.ok) expect(result.headers.at(-1)).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/)
      }),
    )
  })
})

describe('a body that a transform has to see', () => {
  const held = (bytes: Buffer, mostBytes?: number) => {
    const body = holdBody(mostBytes)
    for (let at = 0; at < bytes.length; at += 7) body.add(bytes.subarray(at, at + 7))
    return body
  }
  const plainOf = (body: ReturnType<typeof holdBody>, coding: string | undefined, mostBytes?: number) =>
    new Promise<Parameters<Parameters<typeof plainBody>[3]>[0]>((resolve) =>
      plainBody(body, coding, 'response_transform', resolve, mostBytes),
    )
  const text = Buffer.from('{"a":"Grüße"}')

  it.each([
    [undefined, text],
    ['identity', text],
    ['gzip', gzipSync(text)],
    ['X-GZIP', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
  ])('%s is read', async (coding, bytes) => {
    expect(await plainOf(held(bytes), coding)).toEqual({ ok: true, body: text })
  })

  it.each([
    [
      'a coding that cannot be read',
      held(text),
      'compress',
      undefined,
      'the content coding of the body cannot be read',
    ],
    ['two codings', held(text), 'gzip, br', undefined, 'the content coding of the body cannot be read'],
    ['bytes that are not of their coding', held(text), 'gzip', undefined, 'not of its content coding'],
    ['more bytes than are held', held(Buffer.alloc(2000), 1000), undefined, 1000, 'larger than 1000 bytes'],
    [
      'more bytes than are held once unpacked',
      held(gzipSync(Buffer.alloc(100_000))),
      'gzip',
      1000,
      'larger than 1000 bytes',
    ],
  ])('%s is a transform_error', async (_name, body, coding, mostBytes, detail) => {
    expect(await plainOf(body, coding, mostBytes)).toMatchObject({
      ok: false,
      refusal: { code: 'transform_error' },
      detail: expect.stringContaining(detail),
    })
  })

  it('keeps nothing once it is too large', () => {
    const body = holdBody(10)
    expect([
      body.add(Buffer.alloc(10)),
      body.add(Buffer.alloc(1)),
      body.isTooLarge,
      body.take().length,
    ]).toEqual([true, false, true, 0])
  })
})
