import { expect, test } from 'vitest'
import { fromStripeAmount, toStripeAmount } from './stripe-amount.ts'

test('amounts come back from Stripe as they went, in every currency', () => {
  for (const [currency, amount, there] of [
    ['usd', 1999, 1999],
    ['jpy', 500, 500],
    ['isk', 500, 50_000],
    ['ugx', 7, 700],
    ['kwd', 1230, 1230],
    ['mga', 500, 5],
  ] as const) {
    expect(toStripeAmount(amount, currency)).toEqual({ ok: true, value: there })
    expect(fromStripeAmount(there, currency)).toBe(amount)
  }
})

test('what Stripe cannot take exactly is refused, not rounded', () => {
  expect(toStripeAmount(1234, 'kwd')).toMatchObject({ ok: false, details: { field: 'amount' } })
  expect(toStripeAmount(550, 'mga')).toMatchObject({ ok: false })
})
