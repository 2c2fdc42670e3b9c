import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shardedMap } from './sharded-map.ts'

it('behaves like a plain map, and every older version stays as it was', () => {
  const key = fc.string({ maxLength: 6 })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('with' as const), key, value: fc.integer() }),
    fc.record({ kind: fc.constant('without' as const), key }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const plain = new Map<string, number>()
      let map = shardedMap<number>()
      for (const one of steps) {
        const before = map
        const entriesBefore = new Map(before.entries())
        if (one.kind === 'with') {
          plain.set(one.key, one.value)
          map = map.with(one.key, one.value)
        } else {
          plain.delete(one.key)
          map = map.without(one.key)
        }
        expect(map.get(one.key)).toBe(plain.get(one.key))
        expect(map.size).toBe(plain.size)
        expect(new Map(before.entries())).toEqual(entriesBefore)
      }
      expect(new Map(map.entries())).toEqual(plain)
    }),
  )
})
