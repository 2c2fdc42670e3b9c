import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'

/** Currencies without decimals whose amounts Stripe wants in hundredths all the same. */
const hundredfold = new Set(['ISK', 'UGX'])
/** Currencies with decimals that Stripe counts without. */
const whole = new Set(['MGA'])
/** Currencies with three decimals: Stripe takes no odd thousandths. */
const thousandths = new Set(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'])

/** Minor units as Stripe counts them; refuses what Stripe cannot take exactly, as an amount is never rounded on its way. */
export function toStripeAmount(amount: number, currency: string): Outcome<number> {
  const code = currency.toUpperCase()
  if (hundredfold.has(code)) return accept(amount * 100)
  const step = whole.has(code) ? 100 : thousandths.has(code) ? 10 : 1
  if (amount % step !== 0)
    return refuseFields([{ field: 'amount', reason: `must be a multiple of ${step} in ${code} at Stripe` }])
  return accept(whole.has(code) ? amount / 100 : amount)
}

/** Minor units of what Stripe says; what is no whole number of them stays visible as the wrong amount that it is. */
export function fromStripeAmount(amount: number, currency: string): number {
  const code = currency.toUpperCase()
  if (hundredfold.has(code)) return Math.floor(amount / 100)
  return whole.has(code) ? amount * 100 : amount
}
