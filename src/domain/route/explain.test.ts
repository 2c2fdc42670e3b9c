import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainRules } from './explain.ts'
import { compileHost, compilePath, type MatchType } from './pattern.ts'
import { type RouteQuery, type RouteRule, routeTable } from './table.ts'

interface Sketch {
  path: string
  type: MatchType
  host: string
  methods: string[]
  headers: [string, string][]
  priority: number
}

function rule(sketch: Partial<Sketch> & { path: string }, id: string): RouteRule<string> {
  const path = compilePath(sketch.path, sketch.type ?? 'prefix')
  const host = compileHost(sketch.host ?? '')
  if (!path.ok || !host.ok) throw new Error(JSON.stringify([path, host]))
  const { priority = 0, methods = [], headers = [] } = sketch
  return { id, target: id, priority, host: host.value, path: path.value, methods, headers }
}

const query = (asked: Partial<RouteQuery> & { headers?: Record<string, string> } = {}): RouteQuery => ({
  method: 'GET',
  host: 'api.example.com',
  path: '/v/x',
  header: (name) => asked.headers?.[name],
  ...asked,
})

/** The reasons of the rule named `b`, which loses to nothing or to `a`. */
const reasonsOf = (b: Partial<Sketch>, asked: RouteQuery, a?: Partial<Sketch>) =>
  explainRules(
    [rule({ path: '/v/*', ...b }, 'b'), ...(a === undefined ? [] : [rule({ path: '/v/*', ...a }, 'a')])],
    asked,
  ).find((one) => one.rule.id === 'b')?.reasons

describe('an explanation', () => {
  it('agrees with the table on the match, for any rules and request', () => {
    const segment = fc.constantFrom('a', 'b')
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
    const pattern = fc.oneof(
      path.map((text) => ({ path: text, type: 'exact' as const })),
      path.map((text) => ({ path: `${text}/*`, type: 'prefix' as const })),
      fc.constant({ path: '/*', type: 'prefix' as const }),
      path.map((text) => ({ path: `^${text}/{id}$`, type: 'regex' as const })),
      fc.constant({ path: '/.*', type: 'regex' as const }),
    )
    const sketch = fc.record({
      pattern,
      priority: fc.integer({ min: 0, max: 1 }),
      methods: fc.constantFrom<string[]>([], ['GET'], ['POST']),
      host: fc.constantFrom('', 'api.example.com', '*.example.com', '/api.*/', 'other.example.com'),
      headers: fc.constantFrom<[string, string][]>([], [['x-v', '2']], [['x-v', '*']]),
    })
    const asked = fc.record({
      path,
      method: fc.constantFrom('GET', 'HEAD', 'POST'),
      host: fc.constantFrom('api.example.com', ''),
      version: fc.constantFrom(undefined, '1', '2'),
    })
    fc.assert(
      fc.property(fc.array(sketch, { maxLength: 10 }), asked, (sketches, { version, ...facts }) => {
        const rules = sketches.map(({ pattern: shape, ...rest }, index) =>
          rule({ ...rest, ...shape }, `r${index}`),
        )
        const request: RouteQuery = { ...facts, header: (name) => (name === 'x-v' ? version : undefined) }
        const explained = explainRules(rules, request)
        const matches = explained.filter((one) => one.isMatch).map((one) => one.rule.target)
        const found = routeTable(rules).match(request)
        expect(matches).toEqual(found === undefined ? [] : [found.target])
        expect(explained).toHaveLength(rules.length)
        for (const one of explained) {
          const fitsAlone = routeTable([one.rule]).match(request) !== undefined
          expect(one.misses === 0).toBe(fitsAlone)
          expect(one.reasons.length === 0).toBe(one.isMatch)
        }
      }),
    )
  })

  it.each<
    [why: string, b: Partial<Sketch>, asked: RouteQuery, a: Partial<Sketch> | undefined, reason: RegExp]
  >([
    ['path', {}, query({ path: '/vx' }), undefined, /^path: \/vx is not below \/v\//],
    [
      'host',
      { host: '*.example.org' },
      query(),
      undefined,
      /^host: api.example.com, and it wants \*\.example\.org/,
    ],
    ['no host', { host: 'a.b' }, query({ host: '' }), undefined, /^host: none was sent/],
    ['method', { methods: ['PUT', 'POST'] }, query(), undefined, /^method: GET, and it takes PUT, POST/],
    [
      'no header',
      { headers: [['x-v', '2']] },
      query(),
      undefined,
      /^header: x-v is not there, and it wants 2/,
    ],
    ['header', { headers: [['x-v', '2']] }, query({ headers: { 'x-v': '1' } }), undefined, /another value/],
    ['priority', {}, query(), { priority: 5 }, /^precedence: priority 5 goes before 0/],
    ['a better host', {}, query(), { host: 'api.example.com' }, /more specific host/],
    ['a better path', {}, query(), { path: '/v/x', type: 'exact' }, /more specific path/],
    ['more headers', {}, query({ headers: { 'x-v': '2' } }), { headers: [['x-v', '2']] }, /more headers/],
    ['nothing but the id', {}, query(), {}, /equal to the match in everything/],
  ])('names %s as the reason', (_why, b, asked, a, reason) => {
    expect(reasonsOf(b, asked, a)).toEqual([expect.stringMatching(reason)])
  })

  it('names everything that does not fit at once', () => {
    const reasons = reasonsOf({ host: 'a.b', methods: ['PUT'] }, query({ path: '/' }))
    expect(reasons).toHaveLength(3)
  })
})
