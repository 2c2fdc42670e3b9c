import { expect, test } from 'vitest'
import { startStriped } from './striped-house.ts'

test('an invoice is paid by Stripe with its messages doubled, late, in the wrong order: once', async () => {
  const { house, stripe, deliver, offered } = await startStriped()
  const { invoice, payer, page, url, id } = await offered(6000n)
  expect(url).toBe(`https://checkout.stripe.com/c/pay/${page}`)
  stripe.pay(page, { isDeclined: true })
  const failed = stripe.message('payment_intent.payment_failed')
  stripe.pay(page)
  // First the end, then the same again, then what came before it.
  await deliver(stripe.message('checkout.session.completed'))
  await deliver(stripe.message('checkout.session.completed'))
  await house.running.settle()
  expect(await house.invoiceNow(invoice)).toMatchObject({
    status: 'paid',
    payment_id: id,
    payment_provider: 'stripe',
  })
  await deliver(stripe.message('payment_intent.succeeded'))
  await deliver(failed)
  await house.running.settle()
  expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'succeeded', received_amount: 6000 }])
  expect(await house.billing.ledger.balance('provider:stripe', 'USD')).toBe(6000n)
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
  await house.billing.run()
  const receipts = (await house.mails(payer.email)).filter(({ subject }) => subject.startsWith('Receipt'))
  expect(receipts).toHaveLength(1)
})

test('when every message of Stripe is lost the invoice is paid at the next hourly look', async () => {
  const { house, stripe, offered } = await startStriped()
  const { invoice, page } = await offered(1999n)
  stripe.pay(page)
  expect(await house.running.house.payments.reconcile()).toMatchObject({ found: 1, failed: 0 })
  expect((await house.invoiceNow(invoice))?.status).toBe('paid')
})

test('Stripe being down while a message is looked at costs nothing: it is looked at again', async () => {
  const { house, stripe, deliver, offered } = await startStriped()
  const { invoice, page } = await offered(435n)
  stripe.pay(page)
  await house.api('PATCH', '/api/settings/payment.stripe.base_url', { value: 'http://127.0.0.1:9' })
  await deliver(stripe.message('payment_intent.succeeded'))
  await house.running.settle()
  expect((await house.invoiceNow(invoice))?.status).toBe('open')
  await house.api('PATCH', '/api/settings/payment.stripe.base_url', { value: stripe.url })
  house.clock.advance(3_600_000)
  await house.running.settle()
  expect((await house.invoiceNow(invoice))?.status).toBe('paid')
})

test('another amount or currency that was paid at Stripe settles nothing, and a page that ends is given up', async () => {
  const { house, stripe, deliver, offered } = await startStriped()
  for (const [wrong, flag] of [
    [{ amount: 28 }, 'wrong_amount'],
    [{ currency: 'eur' }, 'wrong_currency'],
  ] as const) {
    const { invoice, page } = await offered(flag === 'wrong_amount' ? 29n : 30n)
    stripe.pay(page, wrong)
    await deliver(stripe.message('checkout.session.completed'))
    await house.running.settle()
    expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'flagged', flag }])
    expect((await house.invoiceNow(invoice))?.status).toBe('open')
  }
  const { invoice, page } = await offered(31n)
  stripe.expire(page)
  await deliver(stripe.message('checkout.session.expired'))
  await house.running.settle()
  expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'expired' }])
})
