import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newRotation, nextTurn, restart } from './rotation.ts'

const weightLists = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 })
const all = (): boolean => true
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const countsOf = (turns: readonly number[], size: number): number[] =>
  Array.from({ length: size }, (_, index) => turns.filter((turn) => turn === index).length)

describe('the rotation', () => {
  it('gives each target exactly its weight in every window as long as the sum of the weights', () => {
    fc.assert(
      fc.property(weightLists, (weights) => {
        const rotation = newRotation(weights)
        const period = sum(weights)
        const turns = Array.from({ length: 3 * period }, () => nextTurn(rotation, all))
        for (let start = 0; start <= 2 * period; start++)
          expect(countsOf(turns.slice(start, start + period), weights.length)).toEqual(weights)
      }),
      { numRuns: 50 },
    )
  })

  it('never puts a target a whole turn ahead of its share', () => {
    fc.assert(
      fc.property(weightLists, (weights) => {
        const rotation = newRotation(weights)
        const counts = weights.map(() => 0)
        for (let turn = 1; turn <= 200; turn++) {
          const chosen = nextTurn(rotation, all)
          counts[chosen] = (counts[chosen] ?? 0) + 1
          const share = (turn * (weights[chosen] ?? 0)) / sum(weights)
          expect(counts[chosen]).toBeLessThan(share + 1)
        }
      }),
    )
  })

  it('shares exactly among those that are left, from the turn after a restart', () => {
    fc.assert(
      fc.property(weightLists, fc.nat(50), fc.nat(255), (weights, turnsBefore, mask) => {
        const rotation = newRotation(weights)
        for (let turn = 0; turn < turnsBefore; turn++) nextTurn(rotation, all)
        restart(rotation)
        const isLeft = (index: number): boolean => (mask & (1 << index)) !== 0
        const wanted = weights.map((weight, index) => (isLeft(index) ? weight : 0))
        const turns = Array.from({ length: 2 * sum(wanted) }, () => nextTurn(rotation, isLeft))
        expect(countsOf(turns, weights.length)).toEqual(wanted.map((weight) => 2 * weight))
      }),
    )
  })

  it('spreads the turns of a heavy target instead of giving them in a row', () => {
    const rotation = newRotation([5, 1, 1])
    expect(Array.from({ length: 7 }, () => nextTurn(rotation, all))).toEqual([0, 0, 1, 0, 2, 0, 0])
  })

  it('takes no turn without a candidate', () => {
    const rotation = newRotation([1, 2])
    expect(nextTurn(rotation, () => false)).toBe(-1)
    expect(rotation.credits).toEqual([0, 0])
  })
})
