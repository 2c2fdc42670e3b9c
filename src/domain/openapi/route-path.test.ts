import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileHost, compilePath } from '../route/pattern.ts'
import { routeTable } from '../route/table.ts'
import { prefixProblem, routePathOf } from './route-path.ts'

function found(path: string, prefix = '') {
  const route = routePathOf(path, prefix)
  if (!route.ok) throw new Error(route.message)
  return route.value
}

/** What the route of a document's path captures of a request's path; undefined when it does not match. */
function captures(path: string, asked: string, prefix = '') {
  const { path_pattern, match_type } = found(path, prefix)
  const pattern = compilePath(path_pattern, match_type)
  const host = compileHost('')
  if (!pattern.ok || !host.ok) throw new Error(JSON.stringify(pattern))
  const rule = {
    id: 'a',
    target: 'a',
    priority: 0,
    methods: [],
    headers: [],
    host: host.value,
    path: pattern.value,
  }
  return routeTable([rule]).match({ method: 'GET', host: '', path: asked, header: () => undefined })?.captures
}

describe('the route of a path', () => {
  it('of a plain path is exact, of one with parameters a pattern', () => {
    expect(found('/cities')).toEqual({ match_type: 'exact', path_pattern: '/cities', path_rewrite: null })
    expect(found('/forecast/{city}')).toEqual({
      match_type: 'regex',
      path_pattern: '^/forecast/{city}$',
      path_rewrite: null,
    })
  })

  it('stands behind the prefix, and the upstream gets the path of the document', () => {
    expect(found('/cities', '/w.1')).toEqual({
      match_type: 'exact',
      path_pattern: '/w.1/cities',
      path_rewrite: '/cities',
    })
    expect(found('/a/{user-id}/b', '/w.1')).toEqual({
      match_type: 'regex',
      path_pattern: '^/w\\.1/a/{user_id}/b$',
      path_rewrite: '/a/{user_id}/b',
    })
  })

  it.each([
    ['/forecast/{city}', '/forecast/Lagos', { city: 'Lagos' }],
    ['/forecast/{city}', '/forecast/Lagos/7', undefined],
    ['/forecast/{city}', '/forecast/', undefined],
    ['/files/{name}.json', '/files/a.json', { name: 'a' }],
    ['/files/{name}.json', '/files/axjson', undefined],
    ['/sum(a+b)/{x}', '/sum(a+b)/1', { x: '1' }],
    ['/a/{2nd}/{user-id}', '/a/x/y', { _2nd: 'x', user_id: 'y' }],
    ['/$metadata', '/$metadata', {}],
    ['/städte', '/st%C3%A4dte', {}],
  ])('%s takes %s as %j', (path, asked, expected) => {
    expect(captures(path, asked)).toEqual(expected)
  })

  it('takes exactly the requests that fill its parameters, whatever else stands in it', () => {
    const literal = fc.stringMatching(/^[a-z.+*()$|[\]^-]{1,6}$/)
    const part = fc.oneof(
      literal.filter((text) => !/^\.{1,2}$/.test(text) && !text.includes('*')),
      fc.constantFrom('{a}', '{b}', '{c}'),
    )
    const parts = fc.uniqueArray(part, { minLength: 1, maxLength: 4 })
    const value = fc.stringMatching(/^[a-zA-Z0-9._~-]{1,8}$/)
    fc.assert(
      fc.property(parts, value, (segments, text) => {
        const path = `/x/${segments.join('/')}`
        const asked = path.replace(/\{[abc]\}/g, text)
        expect(captures(path, asked)).toBeDefined()
        expect(captures(path, asked, '/p')).toBeUndefined()
        expect(captures(path, `/p${asked}`, '/p')).toBeDefined()
        expect(captures(path, `${asked}/more`)).toBeUndefined()
      }),
    )
  })

  it.each([
    ['cities', /begin with \//],
    ['/a b', /without query, spaces/],
    ['/a?b', /without query/],
    ['/health', /reserves; .*prefix/],
    ['/v1/{id}', /reserves; .*prefix/],
    ['/a/../b', /plain path/],
    ['/a/{b', /brace/],
    ['/a/}b', /brace/],
    ['/a/{b}/{b}', /twice/],
    ['/a/{b-c}/{b_c}', /twice/],
    ['/a/{+rest}', /cannot be captured/],
    ['/a/{}', /cannot be captured/],
    ['/a/*', /cannot hold \*/],
  ])('%s is refused with the reason', (path, reason) => {
    expect(routePathOf(path, '')).toMatchObject({ ok: false, message: expect.stringMatching(reason) })
  })
})

it.each([
  ['', undefined],
  ['/weather', undefined],
  ['/a/b-1', undefined],
  ['weather', /must be a path/],
  ['/weather/', /slash at its end/],
  ['/', /must be a path/],
  ['/{a}', /must be a path/],
  ['/a/../b', /must be a path/],
  ['/api', /reserves/],
])('the prefix %j is judged', (prefix, reason) => {
  const problem = prefixProblem(prefix)
  if (reason === undefined) expect(problem).toBeUndefined()
  else expect(problem).toMatch(reason)
})
