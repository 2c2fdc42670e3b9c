import { expect, it } from 'vitest'
import { paystackKey, paystackSignature, startPaystack } from '#test/support/paystack-double.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { paymentConformance } from './payment.ts'

async function open() {
  const env = { PAYMENT_PROVIDER: 'paystack', PAYSTACK_SECRET_KEY: paystackKey }
  const opened = await providerHouse({ env })
  const paystack = await startPaystack(opened.clock)
  await opened.set('payment.paystack.base_url', paystack.url)
  await opened.set('payment.paystack.allow_private', 'true')
  return { ...opened, paystack, payment: opened.house.providers.capabilities.capability('payment') }
}

paymentConformance('paystack', async () => {
  const { house, clock, paystack, payment } = await open()
  return {
    capabilities: house.providers.capabilities,
    emails: { good: 'ada@example.com', declined: 'decline@example.com' },
    loseAnswer: paystack.loseAnswer,
    cannot: ['change_subscription', 'date_signatures'],
    async price() {
      const wish = { name: 'Starter', amount: 1_000, currency: 'ngn', interval: 'month' } as const
      const made = await payment.create_price(wish)
      if (!made.ok) throw new Error(made.message)
      return made.value.price_id
    },
    async webhook(type) {
      paystack.tell(type === 'payment.invoice_paid' ? 'invoice.update' : type, { paid: true })
      const raw = paystack.messages.at(-1) ?? ''
      return { raw, headers: { 'x-paystack-signature': paystackSignature(raw) } }
    },
    pass: clock.advance,
  }
})

it('Paystack believes no webhook that is signed with an empty key or with SHA-256', async () => {
  const { payment } = await open()
  const raw = '{"event":"charge.success","data":{"reference":"r"}}'
  for (const signature of [paystackSignature(raw, ''), paystackSignature(raw).slice(0, 64), ''])
    expect(
      await payment.handle_webhook({ payload: {}, raw, headers: { 'x-paystack-signature': signature } }),
    ).toMatchObject({ ok: false, code: 'invalid_signature' })
  const headers = { 'x-paystack-signature': paystackSignature(raw) }
  expect(await payment.handle_webhook({ payload: {}, raw, headers })).toMatchObject({
    value: { event_type: 'payment.payment_succeeded', payment_id: 'r' },
  })
})

it('a page whose address was lost on its way is made anew; one that is paid, or about another amount, is not', async () => {
  const { payment, paystack } = await open()
  const customer = await payment.create_customer({ email: 'ada@example.com' })
  const wish = {
    customer_id: customer.ok ? customer.value.customer_id : '',
    amount: 500,
    currency: 'ngn',
    reference: 'pay_1',
    success_url: 'https://a.example/done',
    cancel_url: 'https://a.example',
    idempotency_key: 'pay_1',
  }
  paystack.loseAnswer()
  expect(await payment.create_checkout(wish)).toMatchObject({ code: 'service_unavailable' })
  const anew = await payment.create_checkout(wish)
  expect(anew).toMatchObject({ value: { checkout_id: 'pay_1.2' } })
  expect(await payment.get_checkout({ checkout_id: 'pay_1.2' })).toMatchObject({
    value: { status: 'open', reference: 'pay_1' },
  })
  expect(await payment.create_checkout({ ...wish, amount: 501 })).toMatchObject({
    code: 'idempotency_mismatch',
  })
  paystack.pay('pay_1.2')
  expect(await payment.create_checkout(wish)).toMatchObject({ code: 'conflict' })
})
