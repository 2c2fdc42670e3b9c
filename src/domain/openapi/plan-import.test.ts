import { describe, expect, it } from 'vitest'
import type { RouteRow, UpstreamRow } from '#contract/rows.gen.ts'
import { freeName, routeName, slugOf } from './names.ts'
import { planRoutes, planUpstream } from './plan-import.ts'
import type { WantedRoute } from './wanted-routes.ts'

const upstream = { state: 'unchanged', name: 'shop', id: 'ups_1', baseUrl: 'https://a' } as const

const wanted = (path: string, change: Partial<WantedRoute['fields']> = {}): WantedRoute => ({
  path,
  operationIds: [],
  description: '',
  fields: { match_type: 'exact', path_pattern: path, path_rewrite: null, methods: ['GET'], ...change },
})

const stored = (id: string, name: string, path: string, change: Partial<RouteRow> = {}): RouteRow =>
  ({
    id,
    name,
    upstream_id: 'ups_1',
    match_type: 'exact',
    path_pattern: path,
    path_rewrite: null,
    methods: ['GET'],
    auth_required: true,
    ...change,
  }) as RouteRow

const plan = (routes: WantedRoute[], existing: RouteRow[]) =>
  planRoutes(upstream, routes, existing).map(({ state, name, id, differences }) => [
    state,
    name,
    id,
    differences,
  ])

describe('a second import', () => {
  it('leaves alone what is as the document asks, and tells what is not', () => {
    const existing = [
      stored('r1', 'shop-a', '/a', { methods: ['POST', 'GET'] }),
      stored('r2', 'shop-b', '/b', { methods: null }),
    ]
    expect(plan([wanted('/a', { methods: ['GET', 'POST'] }), wanted('/b'), wanted('/c')], existing)).toEqual([
      ['unchanged', 'shop-a', 'r1', []],
      ['changed', 'shop-b', 'r2', ['methods']],
      ['new', 'shop-c', undefined, []],
    ])
  })

  it('knows a route again by its pattern, whatever it was renamed to', () => {
    expect(plan([wanted('/a')], [stored('r1', 'my favourite', '/a')])).toEqual([
      ['unchanged', 'my favourite', 'r1', []],
    ])
  })

  it('knows a route again by its name when its pattern is another one now', () => {
    const moved = wanted('/a', { path_pattern: '/new/a', path_rewrite: '/a' })
    expect(plan([moved], [stored('r1', 'shop-a', '/a')])).toEqual([
      ['changed', 'shop-a', 'r1', ['path_pattern', 'path_rewrite']],
    ])
  })

  it('tells what the document no longer has, but nothing of routes that are not of an import', () => {
    const existing = [
      stored('r1', 'shop-old', '/old'),
      stored('r2', 'by hand', '/hand'),
      stored('r3', 'shop-else', '/else', { upstream_id: 'ups_2' }),
    ]
    expect(plan([wanted('/a')], existing)).toEqual([
      ['new', 'shop-a', undefined, []],
      ['obsolete', 'shop-old', 'r1', []],
    ])
  })

  it('opens or closes a route only when it was asked to', () => {
    const existing = [stored('r1', 'shop-a', '/a', { auth_required: false })]
    expect(plan([wanted('/a')], existing)[0]?.[0]).toBe('unchanged')
    expect(plan([wanted('/a', { auth_required: true })], existing)[0]).toEqual([
      'changed',
      'shop-a',
      'r1',
      ['auth_required'],
    ])
  })

  it('gives no name twice, and none that another route has', () => {
    const existing = [stored('r1', 'shop-a-b', '/x', { upstream_id: 'ups_2' })]
    const names = planRoutes(upstream, [wanted('/a/b'), wanted('/a-b'), wanted('/A/B')], existing).map(
      ({ name }) => name,
    )
    expect(new Set([...names, 'shop-a-b']).size).toBe(4)
    for (const name of names) expect(name).toMatch(/^shop-a-b-[0-9a-f]{8}$/)
  })
})

describe('an upstream that is there', () => {
  const row = { id: 'ups_1', base_url: 'http://10.0.0.1' } as UpstreamRow

  it('keeps its address unless another one was asked for', () => {
    expect(planUpstream('shop', undefined, 'https://public', row)).toMatchObject({
      state: 'unchanged',
      baseUrl: 'http://10.0.0.1',
    })
    expect(planUpstream('shop', 'http://10.0.0.2', '', row)).toMatchObject({
      state: 'changed',
      baseUrl: 'http://10.0.0.2',
    })
    expect(planUpstream('shop', undefined, 'https://public', undefined)).toMatchObject({
      state: 'new',
      baseUrl: 'https://public',
    })
  })
})

describe('names', () => {
  it.each([
    ['getForecast', 'get-forecast'],
    ['/users/{id}/posts', 'users-by-id-posts'],
    ['/users/me', 'users-me'],
    ['Ünïcode API 2.0', 'unicode-api-2-0'],
    ['/', ''],
  ])('%s becomes %s', (text, slug) => expect(slugOf(text)).toBe(slug))

  it('come from the only operation, else from the path, and are never too long', () => {
    expect(routeName('shop', '/a', ['listA'])).toBe('shop-list-a')
    expect(routeName('shop', '/a', ['listA', 'makeA'])).toBe('shop-a')
    expect(routeName('shop', '/', [undefined])).toBe('shop-root')
    const long = routeName('shop', `/${'x'.repeat(200)}`, [])
    expect(long).toHaveLength(100)
    expect(long).not.toBe(routeName('shop', `/${'x'.repeat(201)}`, []))
    const taken = new Set([long])
    for (let count = 0; count < 5; count++) {
      const name = freeName(long, '/x', (one) => taken.has(one))
      expect(name.length).toBeLessThanOrEqual(100)
      taken.add(name)
    }
    expect(taken.size).toBe(6)
  })
})
