import { expect, test } from 'vitest'
import { withDistinctNames } from './distinct-names.ts'

test('what has the same name is told apart by its id, so that a chart adds nothing of one to another', () => {
  const rows = [
    { id: 'key_01abcd', name: 'production' },
    { id: 'key_01wxyz', name: 'production' },
    { id: 'key_01efgh', name: 'staging' },
    { id: 'key_01ijkl', name: '' },
    { id: null, name: 'without a key' },
  ]
  expect(withDistinctNames(rows).map(({ name }) => name)).toEqual([
    'production · abcd',
    'production · wxyz',
    'staging',
    'key_01ijkl',
    'without a key',
  ])
})
