import { describe, expect, it } from 'vitest'
import { quotaCeiling } from './quota.ts'

describe('the most that a month may take', () => {
  it('is the limit and its grace, rounded down, on a hard plan', () => {
    expect(quotaCeiling({ limit: 100, mode: 'hard', gracePct: 0 })).toBe(100)
    expect(quotaCeiling({ limit: 105, mode: 'hard', gracePct: 10 })).toBe(115)
    expect(quotaCeiling({ limit: 0, mode: 'hard', gracePct: 100 })).toBe(0)
  })

  it('has no end on soft, warn and unlimited plans', () => {
    for (const [limit, mode] of [
      [10, 'soft'],
      [10, 'warn'],
      [-1, 'hard'],
    ] as const)
      expect(quotaCeiling({ limit, mode, gracePct: 0 })).toBe(Number.POSITIVE_INFINITY)
  })
})
