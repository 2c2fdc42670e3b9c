import { expect, test } from 'vitest'
import { refuseFields } from './outcome.ts'

const problems = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ field: `f${index}`, reason: 'is wrong' }))

test('up to twenty problems are all told', () => {
  expect(refuseFields(problems(1))).toMatchObject({
    message: 'f0 is wrong',
    details: { field: 'f0', reason: 'is wrong' },
  })
  expect(refuseFields(problems(20))).toEqual({
    ok: false,
    code: 'validation_error',
    message: 'f0 is wrong',
    details: { field: 'f0', reason: 'is wrong', errors: problems(20) },
  })
})

test('of more than twenty problems the first twenty are told, and how many more there are', () => {
  const refusal = refuseFields(problems(1000))
  expect(refusal.message).toBe('f0 is wrong (999 more problems)')
  expect(refusal.details).toMatchObject({ errors: problems(20), more: 980 })
})

test('a name is cut at 80 characters, and never through the middle of a character', () => {
  const field = (name: string) => refuseFields([{ field: name, reason: 'is wrong' }]).details?.['field']
  expect(field('n'.repeat(80))).toBe('n'.repeat(80))
  expect(field('n'.repeat(81))).toBe(`${'n'.repeat(79)}…`)
  expect(field(`${'n'.repeat(78)}😀😀`)).toBe(`${'n'.repeat(78)}…`)
})
