import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileHost, compilePath, type MatchType } from './pattern.ts'
import { type RouteQuery, type RouteRule, routeTable } from './table.ts'

interface Sketch {
  path: string
  type?: MatchType
  host?: string
  methods?: string[]
  headers?: [string, string][]
  priority?: number
}

function rule(sketch: Sketch, id: string): RouteRule<string> {
  const path = compilePath(sketch.path, sketch.type ?? 'prefix')
  const host = compileHost(sketch.host ?? '')
  if (!path.ok || !host.ok) throw new Error(JSON.stringify([path, host]))
  return {
    id,
    target: id,
    priority: sketch.priority ?? 0,
    host: host.value,
    path: path.value,
    methods: sketch.methods ?? [],
    headers: sketch.headers ?? [],
  }
}

const table = (sketches: Readonly<Record<string, Sketch>>) =>
  routeTable(Object.entries(sketches).map(([id, sketch]) => rule(sketch, id)))

const query = (
  path: string,
  rest: Partial<RouteQuery> & { headers?: Record<string, string> } = {},
): RouteQuery => ({
  method: 'GET',
  host: 'api.example.com',
  path,
  header: (name) => rest.headers?.[name],
  ...rest,
})

describe('route precedence', () => {
  const cases: [
    name: string,
    routes: Record<string, Sketch>,
    asked: RouteQuery,
    expected: string | undefined,
  ][] = [
    ['a prefix matches its slash and below', { a: { path: '/things/*' } }, query('/things/'), 'a'],
    [
      'a prefix does not match the path without its slash',
      { a: { path: '/things/*' } },
      query('/things'),
      undefined,
    ],
    ['a prefix does not match a longer word', { a: { path: '/things/*' } }, query('/thingsx'), undefined],
    ['a pattern without star is exact', { a: { path: '/things' } }, query('/things/1'), undefined],
    [
      'exact goes before prefix',
      { a: { path: '/v/*' }, b: { path: '/v/x', type: 'exact' } },
      query('/v/x'),
      'b',
    ],
    [
      'prefix goes before regex',
      { a: { path: '/v/.*', type: 'regex' }, b: { path: '/v/*' } },
      query('/v/x'),
      'b',
    ],
    ['the longer prefix wins', { a: { path: '/v/*' }, b: { path: '/v/w/*' } }, query('/v/w/x'), 'b'],
    ['priority goes before all', { a: { path: '/*', priority: 1 }, b: { path: '/v' } }, query('/v'), 'a'],
    [
      'a host goes before the path',
      { a: { path: '/v' }, b: { path: '/*', host: 'api.example.com' } },
      query('/v'),
      'b',
    ],
    [
      'an exact host goes before a wildcard',
      { a: { path: '/*', host: '*.example.com' }, b: { path: '/*', host: 'api.example.com' } },
      query('/v'),
      'b',
    ],
    [
      'a wildcard goes before a regular expression',
      { a: { path: '/*', host: '/.*/' }, b: { path: '/*', host: '*.example.com' } },
      query('/v'),
      'b',
    ],
    ['a wildcard needs a label', { a: { path: '/*', host: '*.api.example.com' } }, query('/v'), undefined],
    ['another method does not match', { a: { path: '/*', methods: ['POST'] } }, query('/v'), undefined],
    [
      'HEAD goes where GET goes',
      { a: { path: '/*', methods: ['GET'] } },
      query('/v', { method: 'HEAD' }),
      'a',
    ],
    ['a wanted header must be there', { a: { path: '/*', headers: [['x-v', '2']] } }, query('/v'), undefined],
    [
      'a wanted header decides between equal routes',
      { a: { path: '/*' }, b: { path: '/*', headers: [['x-v', '2']] } },
      query('/v', { headers: { 'x-v': '2' } }),
      'b',
    ],
    [
      'a shorter prefix serves what the longer one refuses',
      { a: { path: '/*' }, b: { path: '/v/*', methods: ['PUT'] } },
      query('/v/x'),
      'a',
    ],
  ]
  it.each(cases)('%s', (_name, routes, asked, expected) => {
    expect(table(routes).match(asked)?.target).toBe(expected)
  })

  it('hands over what a pattern captured', () => {
    const routes = table({
      a: { path: '^/users/{id}/posts/{post}$', type: 'regex' },
      b: { path: '/files/*' },
    })
    expect(routes.match(query('/users/7/posts/9'))?.captures).toEqual({ id: '7', post: '9' })
    expect(routes.match(query('/files/a/b'))?.captures).toEqual({ rest: 'a/b' })
    expect(routes.match(query('/users/7/8/posts/9'))).toBeUndefined()
  })

  it('picks the route that wins against every other fitting one alone, for any set of routes', () => {
    const segment = fc.constantFrom('a', 'b', 'c')
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
    const sketch = fc.record({
      path: fc.oneof(
        path,
        path.map((text) => `${text}/*`),
        fc.constant('/*'),
      ),
      priority: fc.integer({ min: 0, max: 2 }),
      methods: fc.constantFrom<string[]>([], ['GET'], ['POST']),
      host: fc.constantFrom('', 'api.example.com', '*.example.com', 'other.example.com'),
    })
    fc.assert(
      fc.property(fc.array(sketch, { maxLength: 12 }), path, (sketches, asked) => {
        const rules = sketches.map((one, index) => rule(one, `r${index}`))
        const winner = rules.find((one) => one.id === routeTable(rules).match(query(asked))?.target)
        const fitting = rules.filter((one) => routeTable([one]).match(query(asked)) !== undefined)
        expect(winner === undefined).toBe(fitting.length === 0)
        for (const other of fitting)
          if (winner !== undefined && other !== winner)
            expect(routeTable([other, winner]).match(query(asked))?.target).toBe(winner.target)
      }),
    )
  })
})

describe('patterns', () => {
  const refused: [pattern: string, type: MatchType, reason: RegExp][] = [
    ['things', 'prefix', /begin with/],
    ['/a*', 'prefix', /last segment/],
    ['/a/*/b', 'prefix', /last segment/],
    ['/a/*', 'exact', /type prefix/],
    ['/api/*', 'prefix', /reserves/],
    ['/metrics', 'exact', /reserves/],
    ['/v1/charges', 'exact', /reserves/],
    ['^/admin/.*$', 'regex', /reserves/],
    ['/a/../b', 'prefix', /plain path/],
    ['/a?x=1', 'exact', /plain path/],
    ['/(', 'regex', /regular expression/],
    ['/(a)\\1', 'regex', /regular expression/],
    ['/{id}/{id}', 'regex', /twice/],
  ]
  it.each(refused)('%s as %s is refused with the reason', (pattern, type, reason) => {
    const compiled = compilePath(pattern, type)
    expect(compiled.ok).toBe(false)
    if (!compiled.ok) expect(compiled.reason).toMatch(reason)
  })

  it.each(['exa mple.com', 'example.com:8080', '*example.com', 'a.*.com', '/(a/'])(
    'host %s is refused',
    (host) => {
      expect(compileHost(host).ok).toBe(false)
    },
  )
})
