import fc from 'fast-check'
import { expect, it } from 'vitest'
import { localReference, pointerOf, valueAt } from './json-pointer.ts'

it('a reference made of a pointer leads back along its steps, whatever they are named', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (steps) => {
      expect(localReference(`#${encodeURIComponent(pointerOf(steps))}`)).toEqual(steps)
    }),
  )
})

it.each(['', 'a', '#a', 'https://example.com/#/a', 'file.json#/a', '#%'])(
  '%j is no local reference',
  (text) => {
    expect(localReference(text)).toBeUndefined()
  },
)

it('only own members are led to', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', '0', 'b'])).toBe(1)
  for (const steps of [['constructor'], ['a', 'length', 'x'], ['__proto__'], ['a', 'at']])
    expect(valueAt({ a: [] }, steps)).toBeUndefined()
})
