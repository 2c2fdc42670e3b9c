import { describe, expect, it } from 'vitest'
import { createExpressionCompiler } from '#adapters/expression/cel-compiler.ts'
import type { TransformSide } from './header-rules.ts'
import { planTransform } from './plan.ts'

const expressions = createExpressionCompiler()
const plan = (value: unknown, side: TransformSide = 'request') =>
  planTransform(value, side, `${side}_transform`, (source, yields) =>
    expressions.compile(source, side, yields),
  )

function problemsOf(value: unknown, side: TransformSide = 'request') {
  const planned = plan(value, side)
  return planned.ok ? [] : planned.problems.map(({ field, reason }) => `${field} ${reason}`)
}

describe('a transform', () => {
  it('knows literals and expressions, and what gives way to them', () => {
    const planned = plan({
      set_headers: { 'X-Kind': 'plain', 'X-Plan': '=key.plan' },
      delete_headers: ['Cookie'],
      set_query: { plan: '=key.plan' },
      delete_query: ['debug'],
    })
    if (!planned.ok) throw new Error('refused')
    const { setHeaders, droppedHeaders, droppedQuery, needsBody, variables } = planned.plan
    expect(setHeaders.map(({ name, text }) => [name, typeof text])).toEqual([
      ['X-Kind', 'string'],
      ['X-Plan', 'object'],
    ])
    expect([...droppedHeaders]).toEqual(['cookie', 'x-kind', 'x-plan'])
    expect([...droppedQuery]).toEqual(['debug', 'plan'])
    expect([needsBody, [...variables]]).toEqual([false, ['key']])
  })

  it.each([
    [{ body_expr: '{"a": 1}' }, true],
    [{ set_headers: { 'X-A': '=string(body.a)' } }, true],
    [{ set_headers: { 'X-A': '=path' } }, false],
    [{}, false],
  ])('%j needs the body: %s', (value, needsBody) => {
    const planned = plan(value)
    expect(planned.ok && planned.plan.needsBody).toBe(needsBody)
  })

  it.each([
    [[], 'request_transform must be an object'],
    ['text', 'request_transform must be an object'],
    [{ set_header: {} }, 'request_transform.set_header is not known'],
    [{ set_headers: [] }, 'request_transform.set_headers must be an object'],
    [{ set_headers: { 'X-A': 5 } }, 'request_transform.set_headers.X-A must be a text'],
    [
      { set_headers: { 'X-A': 'a\r\nX-B: b' } },
      'set_headers.X-A holds characters that a header cannot carry',
    ],
    [{ set_headers: { 'X-A': '€' } }, 'set_headers.X-A holds characters that a header cannot carry'],
    [{ set_headers: { 'X-A': 'x'.repeat(5000) } }, 'set_headers.X-A is longer than 4096'],
    [{ set_headers: { 'X-A': '=' } }, 'set_headers.X-A does not compile: line 1, column 1'],
    [
      { set_headers: { 'X-A': '=key.plam' } },
      'set_headers.X-A does not compile: line 1, column 5: no such key: plam',
    ],
    [{ set_headers: { 'X-A': '=headers' } }, 'set_headers.X-A must yield a text, number or boolean, not map'],
    [{ set_headers: { 'X A': 'a' } }, 'set_headers.X A is not the name of a header'],
    [{ set_headers: { 'X-A': 'a', 'x-a': 'b' } }, 'set_headers.x-a is there twice'],
    [{ delete_headers: 'Cookie' }, 'delete_headers must be a list of names'],
    [
      { delete_headers: ['Host'] },
      'delete_headers names Host, which is a header that the gateway writes itself',
    ],
    [{ set_query: { '': 'a' } }, 'set_query. names an unusable parameter'],
    [{ delete_query: [''] }, 'delete_query names an unusable parameter'],
    [{ body_expr: 5 }, 'body_expr must be an expression'],
    [{ body_expr: ' ' }, 'body_expr must be an expression'],
    [{ body_expr: '{"a": }' }, 'request_transform.body_expr does not compile: line 1, column 7'],
    [{ body_expr: 'status' }, 'body_expr does not compile: line 1, column 1: unknown variable: status'],
  ])('%j is refused: %s', (value, problem) => {
    expect(problemsOf(value).join('; ')).toContain(problem)
  })

  it('of an answer has no query', () => {
    expect(problemsOf({ set_query: { a: 'b' } }, 'response')).toEqual([
      'response_transform.set_query is not known; there are set_headers, delete_headers, body_expr',
    ])
  })

  it('tells every problem at once', () => {
    expect(problemsOf({ set_headers: { Host: 'x', 'X-A': '=foo' }, body_expr: '(' })).toHaveLength(3)
  })
})

describe('a header that the gateway writes may not be touched', () => {
  const framing = [
    'Host',
    'Connection',
    'Content-Length',
    'Content-Encoding',
    'Transfer-Encoding',
    'TE',
    'Trailer',
  ]
  const moreFraming = ['Upgrade', 'Expect', 'Keep-Alive', 'Proxy-Authorization', 'Proxy-Connection']
  const identity = [
    'X-User-ID',
    'X-Organization-ID',
    'X-Plan-ID',
    'X-Key-ID',
    'X-Subscription-ID',
    'X-Consumer-ID',
  ]
  const ours = [
    'Authorization',
    'X-API-Key',
    'X-Request-Id',
    'X-Forwarded-For',
    'Forwarded',
    'X-Real-IP',
    'Accept-Encoding',
  ]
  it.each([...framing, ...moreFraming, ...identity, ...ours, 'x_user_id', 'CONTENT_LENGTH'])(
    '%s, of a request',
    (name) => {
      expect(problemsOf({ set_headers: { [name]: 'a' } })).toHaveLength(1)
      expect(problemsOf({ delete_headers: [name] })).toHaveLength(1)
    },
  )

  const limits = ['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-Quota-Used', 'X-Request-Id']
  it.each([...framing, ...moreFraming, ...limits])('%s, of an answer', (name) => {
    expect(problemsOf({ set_headers: { [name]: 'a' } }, 'response')).toHaveLength(1)
    expect(problemsOf({ delete_headers: [name] }, 'response')).toHaveLength(1)
  })
})
