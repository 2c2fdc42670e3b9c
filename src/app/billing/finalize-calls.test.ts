import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareBack, shareOf } from './finalize-calls.ts'

test('what is taken back of a share in parts is exactly the share: not a unit is left with the creator or with us', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 10_000 }), (amounts, platform_fee_bp) => {
      const subtotal = amounts.reduce((sum, amount) => sum + amount, 0)
      let credited_subtotal = 0
      let fees = 0n
      for (const amount of amounts) {
        const back = shareBack(
          { payee_id: 'org_a', platform_fee_bp, subtotal, credited_subtotal },
          BigInt(amount),
        )
        fees += back.share?.feeMinor ?? 0n
        credited_subtotal += amount
      }
      expect(fees).toBe(shareOf('org_a', platform_fee_bp, BigInt(subtotal)).share?.feeMinor)
    }),
  )
})
