import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import type { RouteRow } from '#contract/rows.gen.ts'
import { publishedRoute } from './published-routes.ts'
import { routesDocument } from './routes-document.ts'

const row = (fields: Partial<RouteRow>): RouteRow =>
  ({
    name: 'cities',
    description: 'List cities',
    host_pattern: '',
    path_pattern: '/cities',
    match_type: 'exact',
    methods: ['GET'],
    scopes: null,
    request_schema: null,
    auth_required: true,
    upstream_id: 'ups_secret',
    path_rewrite: '/internal',
    allow_ips: ['10.0.0.1'],
    ...fields,
  }) as unknown as RouteRow
const documentOf = (...rows: RouteRow[]) =>
  routesDocument(
    rows.flatMap((one) => publishedRoute(one) ?? []),
    { title: 'Weather', description: '', url: 'https://api.example.com' },
    // biome-ignore lint/suspicious/noExplicitAny: the test looks into the document freely
  ) as any

test('the document of published routes is valid, and tells nothing of where they lead', async () => {
  const document = documentOf(
    row({}),
    row({ name: 'city', path_pattern: '^/cities/{city}$', match_type: 'regex', methods: null }),
    row({ name: 'rest', path_pattern: '/files/*', match_type: 'prefix', auth_required: false }),
    row({
      name: 'city',
      methods: ['POST'],
      request_schema: {
        POST: { required: true, schema: { $ref: '#/$defs/city', $defs: { city: { type: 'object' } } } },
      },
    }),
  )
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true })
  expect(Object.keys(document.paths)).toEqual(['/cities', '/cities/{city}', '/files/{rest}'])
  expect(Object.keys(document.paths['/cities'])).toEqual(['get', 'post'])
  expect(document.paths['/files/{rest}'].get.security).toEqual([])
  expect(JSON.stringify(document)).not.toMatch(/ups_secret|internal|10\.0\.0\.1/)
})

test('an operation has a name of its own, also where two routes are called alike', () => {
  const document = documentOf(row({ name: 'a b' }), row({ name: 'a-b', path_pattern: '/other' }))
  expect([document.paths['/cities'].get.operationId, document.paths['/other'].get.operationId]).toEqual([
    'get_a_b',
    'get_a_b_2',
  ])
})

for (const fields of [
  { path_pattern: '/v[0-9]+/.*', match_type: 'regex' },
  { host_pattern: '*.example.com' },
  { host_pattern: '/.*/' },
] as const)
  test(`a route that no single address tells of is not listed: ${JSON.stringify(fields)}`, () => {
    expect(publishedRoute(row(fields))).toBeUndefined()
  })
