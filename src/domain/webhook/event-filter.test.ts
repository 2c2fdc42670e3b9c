import { expect, test } from 'vitest'
import { isWanted, judgeEventFilter } from './event-filter.ts'

test('a filter lets exact types pass, those of a module, and everything when it is empty', () => {
  for (const all of [null, undefined, [], ['*']]) expect(isWanted(all, 'plan.created')).toBe(true)
  expect(isWanted(['plan.created'], 'plan.created')).toBe(true)
  expect(isWanted(['plan.created'], 'plan.updated')).toBe(false)
  expect(isWanted(['api.*'], 'api_key.created')).toBe(false)
  expect(isWanted(['user.created', 'api_key.*'], 'api_key.revoked')).toBe(true)
})

for (const filter of [
  ['plan'],
  ['Plan.created'],
  ['plan.**'],
  ['*.created'],
  [7],
  'plan.created',
  { 0: '*' },
]) {
  test(`${JSON.stringify(filter)} is no filter: it would never be what its author meant`, () => {
    expect(judgeEventFilter(filter)).toMatchObject({ field: 'events' })
  })
}

test('a filter of at most 100 types is taken', () => {
  expect(judgeEventFilter(null)).toBeUndefined()
  expect(judgeEventFilter(['*', 'plan.*', 'api_key.revoked'])).toBeUndefined()
  expect(judgeEventFilter(Array(101).fill('*'))).toMatchObject({ field: 'events' })
})
