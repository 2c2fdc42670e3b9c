import { expect, test } from 'vitest'
import { createRouteTable } from './route-table.ts'

const handle = () => new Response(null)
const one = { method: 'GET', path: '/api/things', handle: async () => new Response(null) } as const

test('a handler without a rule stops the start', () => {
  const table = createRouteTable({ 'GET /a': 'anyone' })
  expect(() => table.mount('GET /b', handle)).toThrow('"GET /b" has no rule')
  expect(() => table.mount('constructor', handle)).toThrow('has no rule')
})

test('a rule without a handler stops the start', () => {
  const table = createRouteTable({ 'GET /a': 'anyone', things: 'operator' })
  table.mount('GET /a', handle)
  expect(() => table.finish()).toThrow('"things" has no handler')
})

test('an address cannot be answered by two handlers', () => {
  const table = createRouteTable({ 'GET /a': 'anyone', 'GET /api/things': 'anyone', things: 'operator' })
  table.mount('GET /a', handle)
  expect(() => table.mount('GET /a', handle)).toThrow('two handlers')
  table.mount('GET /api/things', handle)
  expect(() => table.mountAll('things', [one])).toThrow('two handlers')
})

test('each address carries the rule it was mounted under', () => {
  const table = createRouteTable({ 'GET /a': 'anyone', things: 'operator' })
  table.mount('GET /a', handle)
  table.mountAll('things', [one])
  expect(table.finish().map(({ method, path, who }) => [method, path, who])).toEqual([
    ['GET', '/a', 'anyone'],
    ['GET', '/api/things', 'operator'],
  ])
})
