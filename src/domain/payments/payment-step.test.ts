import { expect, test } from 'vitest'
import { paymentStep } from './payment-step.ts'

const asked = { status: 'requested', amount: 1999, currency: 'USD' }
const paid = { status: 'succeeded', amount: 1999, currency: 'usd' } as const

test('only exactly what was asked for settles', () => {
  expect(paymentStep(asked, paid)).toEqual({ kind: 'settle' })
  for (const amount of [1998, 2000, 199_900])
    expect(paymentStep(asked, { ...paid, amount })).toEqual({ kind: 'flag', flag: 'wrong_amount' })
  expect(paymentStep(asked, { ...paid, currency: 'ngn' })).toEqual({ kind: 'flag', flag: 'wrong_currency' })
})

test('what has succeeded or was flagged is not undone by a report that comes late', () => {
  for (const status of ['succeeded', 'flagged'])
    for (const late of ['processing', 'failed', 'succeeded'] as const)
      expect(paymentStep({ ...asked, status }, { ...paid, status: late })).toEqual({ kind: 'stay' })
  expect(paymentStep({ ...asked, status: 'processing' }, { ...paid, status: 'processing' })).toEqual({
    kind: 'stay',
  })
})

test('a payment that failed or whose page was given up can still be made', () => {
  for (const status of ['failed', 'expired'])
    expect(paymentStep({ ...asked, status }, paid)).toEqual({ kind: 'settle' })
})
