import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowsUnits, holdUnits, type QuotaCounter, type QuotaRule, rollMonth, settleUnits } from './quota.ts'

const hard = (limit: number, gracePct = 0): QuotaRule => ({ limit, mode: 'hard', gracePct })
const fresh = (): QuotaCounter => ({ monthStart: 1, used: 0, held: 0 })

describe('the monthly quota', () => {
  it('never lets used and held together pass a hard limit, whatever the order of holds and settlements', () => {
    const steps = fc.array(fc.constantFrom('ask', 'bill', 'release'), { maxLength: 300 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), steps, (limit, order) => {
        const counter = fresh()
        let billed = 0
        for (const step of order) {
          if (step === 'ask' && allowsUnits(counter, hard(limit), 1)) holdUnits(counter, 1)
          else if (step !== 'ask' && counter.held > 0) {
            settleUnits(counter, 1, 1, step === 'bill' ? 1 : 0)
            billed += step === 'bill' ? 1 : 0
          }
          expect(counter.used + counter.held).toBeLessThanOrEqual(limit)
          expect(counter.used).toBe(billed)
        }
      }),
    )
  })

  it('serves a grace of the given percent and not one more', () => {
    const counter = { ...fresh(), used: 109 }
    expect(allowsUnits(counter, hard(100, 10), 1)).toBe(true)
    holdUnits(counter, 1)
    expect(allowsUnits(counter, hard(100, 10), 1)).toBe(false)
  })

  it('lets soft, warn and unlimited plans go on', () => {
    const counter = { ...fresh(), used: 1_000 }
    expect(allowsUnits(counter, { limit: 10, mode: 'soft', gracePct: 0 }, 1)).toBe(true)
    expect(allowsUnits(counter, { limit: 10, mode: 'warn', gracePct: 0 }, 1)).toBe(true)
    expect(allowsUnits(counter, hard(-1), 1)).toBe(true)
  })

  it('starts the new month at nothing, and a request of the old month does not reach into it', () => {
    const counter = { monthStart: 1, used: 7, held: 1 }
    rollMonth(counter, 2)
    expect(counter).toEqual({ monthStart: 2, used: 0, held: 0 })
    settleUnits(counter, 1, 1, 1)
    expect(counter).toEqual({ monthStart: 2, used: 0, held: 0 })
  })
})
