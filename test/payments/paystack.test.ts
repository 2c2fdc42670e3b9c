import { expect, onTestFinished, test } from 'vitest'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { paystackKey, paystackSignature, startPaystack } from '#test/support/paystack-double.ts'
import { startPaying } from './paying-house.ts'

test('an invoice in naira is paid by Paystack in kobo, its message sent twice: once; a wrong amount pays nothing', async () => {
  const paystack = await startPaystack(frozenClock())
  const house = await startPaying(
    { 'payment.paystack.base_url': paystack.url, 'payment.paystack.allow_private': 'true' },
    { PAYMENT_PROVIDER: 'paystack', PAYSTACK_SECRET_KEY: paystackKey },
  )
  onTestFinished(house.close)
  const payer = await house.payer('ada@example.com')
  const other = await house.payer('eve@example.com')
  const deliver = async () => {
    const raw = paystack.messages.at(-1) ?? ''
    const answer = await house.ask('POST', '/api/v1/webhooks/paystack', raw, {
      'x-paystack-signature': paystackSignature(raw),
    })
    expect(answer.status).toBe(200)
    await house.running.settle()
  }
  const [right, wrong] = [
    await house.invoice(payer, 9_000_000n, 'NGN'),
    await house.invoice(other, 435n, 'NGN'),
  ]
  const offered = await house.initiate(payer, { invoice_id: right.id })
  expect(offered.body.data).toMatchObject({ amount: 9_000_000, currency: 'NGN' })
  paystack.pay(offered.body.data.payment_id)
  await deliver()
  await deliver()
  expect(await house.invoiceNow(right)).toMatchObject({ status: 'paid', payment_provider: 'paystack' })
  expect(await house.billing.ledger.balance('provider:paystack', 'NGN')).toBe(9_000_000n)
  expect(await house.events()).toHaveLength(1)
  const asked = await house.initiate(other, { invoice_id: wrong.id })
  paystack.pay(asked.body.data.payment_id, { amount: 434 })
  await deliver()
  expect((await house.invoiceNow(wrong))?.status).toBe('open')
  expect(await house.paymentsOf(wrong)).toMatchObject([{ status: 'flagged', flag: 'wrong_amount' }])
})
