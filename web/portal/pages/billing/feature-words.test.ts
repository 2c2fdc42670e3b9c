import { expect, test } from 'vitest'
import { featureWords } from './feature-words.ts'

test('customers read what a plan gives beside requests, and nothing of what it does not', () => {
  expect(featureWords({ max_seats: 5, sso: true, audit_log: false, region: 'eu' })).toEqual([
    'Max seats: 5',
    'Sso',
    'Region: eu',
  ])
  expect(featureWords({})).toEqual([])
})
