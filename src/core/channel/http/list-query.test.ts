import { expect, test } from 'vitest'
import { loadModules } from '../../schema/load.ts'
import { parseListQuery } from './list-query.ts'

const modules = await loadModules(['modules'])

function parse(text: string, module = 'plan') {
  const found = modules.get(module)
  if (found === undefined) throw new Error(`no module ${module}`)
  return parseListQuery(found, new URLSearchParams(text))
}

const read: [query: string, value: object][] = [
  ['', { limit: 20, where: [] }],
  ['limit=5&count=true&cursor=abc', { limit: 5, count: true, cursor: 'abc' }],
  ['limit=101', { limit: 100 }],
  ['limit=999999999999', { limit: 100 }],
  ['sort=-created_at', { sort: { field: 'created_at', descending: true } }],
  ['sort=name', { sort: { field: 'name', descending: false } }],
  ['name=free', { where: [{ field: 'name', op: 'eq', value: 'free' }] }],
  ['name=null', { where: [{ field: 'name', op: 'eq', value: 'null' }] }],
  ['api_id=null', { where: [{ field: 'api_id', op: 'eq', value: null }] }],
  ['enabled=false', { where: [{ field: 'enabled', op: 'eq', value: false }] }],
  ['price_monthly[gte]=100', { where: [{ field: 'price_monthly', op: 'gte', value: 100 }] }],
  ['price_monthly%5Bne%5D=0', { where: [{ field: 'price_monthly', op: 'ne', value: 0 }] }],
  ['trial_days[in]=0,14', { where: [{ field: 'trial_days', op: 'in', value: [0, 14] }] }],
  ['trial_days[in]=0,14,0,14,14', { where: [{ field: 'trial_days', op: 'in', value: [0, 14] }] }],
  ['name[like]=f%25', { where: [{ field: 'name', op: 'like', value: 'f%' }] }],
]
for (const [query, value] of read) {
  test(`?${query} is read as it is meant`, () => expect(parse(query)).toMatchObject({ ok: true, value }))
}

test('names and operators that are absurdly long are cut in the refusal', () => {
  const long = 'x'.repeat(10_000)
  for (const query of [`name[${long}]=1`, `${long}=1&${long}=2`]) {
    const refusal = parse(query)
    expect(refusal.ok).toBe(false)
    expect(JSON.stringify(refusal).length).toBeLessThan(600)
  }
})

const refused: [query: string, field: string][] = [
  ['limit=0', 'limit'],
  ['limit=-1', 'limit'],
  ['limit=1.5', 'limit'],
  ['limit=ten', 'limit'],
  ['limit=', 'limit'],
  ['limit=1&limit=2', 'limit'],
  ['cursor=', 'cursor'],
  ['count=yes', 'count'],
  ['name[matches]=x', 'name'],
  ['name=a&name=b', 'name'],
]
for (const [query, field] of refused) {
  test(`?${query} is refused by the name of ${field}`, () =>
    expect(parse(query)).toMatchObject({ ok: false, code: 'validation_error', details: { field } }))
}
