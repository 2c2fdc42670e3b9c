import { expect, onTestFinished, test } from 'vitest'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { paddleKey, paddleSecret, paddleSignature, startPaddle } from '#test/support/paddle-double.ts'
import { paystackKey, paystackSignature, startPaystack } from '#test/support/paystack-double.ts'
import { type PayingHouse, startPaying } from './paying-house.ts'
import { startStriped } from './striped-house.ts'

const balances = async ({ billing }: PayingHouse, provider: string, currency = 'USD') =>
  Promise.all(
    [`provider:${provider}`, `disputed:${provider}`, 'revenue', 'tax:DE'].map((account) =>
      billing.ledger.balance(account, currency),
    ),
  )
const disputesOf = async ({ records }: PayingHouse) => (await records.list('dispute', { limit: 100 })).items
const sound = { unbalanced: [], drifted: [] }

test('a contested payment is set aside once, cannot be given back beside, and is there again when the dispute is won', async () => {
  const { house, stripe, deliver, paid } = await startStriped()
  const { invoice, id } = await paid(6000n)
  const dispute = stripe.dispute(await house.externalId('payment', id), 6000)
  for (const _ of [1, 2, 3]) await deliver(stripe.message('charge.dispute.created'))
  await house.running.settle()
  expect(await disputesOf(house)).toMatchObject([
    {
      status: 'open',
      amount: 6000,
      invoice_amount: 6000,
      reason: 'fraudulent',
      external_id: null,
      notice_due: false,
    },
  ])
  expect(await balances(house, 'stripe')).toEqual([0n, 6000n, -6000n, 0n])
  expect((await house.api('POST', `/api/payments/${id}/refund`, { amount: 1 })).status).toBe(409)
  stripe.closeDispute(dispute, 'won')
  for (const _ of [1, 2]) await deliver(stripe.message('charge.dispute.closed'))
  await house.running.settle()
  // The first message comes once more, late.
  await deliver(stripe.message('charge.dispute.created'))
  await house.running.settle()
  expect(await disputesOf(house)).toMatchObject([{ status: 'won', notice_due: false }])
  expect(await balances(house, 'stripe')).toEqual([6000n, 0n, -6000n, 0n])
  expect(await house.invoiceNow(invoice)).toMatchObject({ status: 'paid', credited: 0 })
  expect((await house.api('POST', `/api/payments/${id}/refund`, { amount: 1 })).status).toBe(200)
  expect(await house.billing.ledger.check()).toMatchObject(sound)
})

test('a lost dispute takes back what was earned and its tax, once, also when its end is told before its beginning', async () => {
  const { house, stripe, deliver, paid } = await startStriped()
  await house.create('tax_rates', { name: 'VAT', country: 'DE', percent: '19' })
  const { invoice, id } = await paid(10_000n, 'DE')
  const dispute = stripe.dispute(await house.externalId('payment', id), 11_900)
  const opened = stripe.message('charge.dispute.created')
  stripe.closeDispute(dispute, 'lost')
  await deliver(stripe.message('charge.dispute.closed'))
  await house.running.settle()
  await deliver(opened)
  await house.running.settle()
  await house.running.house.payments.reconcile()
  expect(await disputesOf(house)).toMatchObject([{ status: 'lost' }])
  expect(await balances(house, 'stripe')).toEqual([0n, 0n, 0n, 0n])
  const where = [{ field: 'invoice_id', op: 'eq', value: invoice.id }] as const
  expect((await house.records.list('credit_note', { where })).items).toMatchObject([
    { subtotal: 10_000, tax: 1900, refunded: 11_900 },
  ])
  expect((await house.api('POST', `/api/payments/${id}/refund`, {})).status).toBe(409)
  expect(await house.billing.ledger.check()).toMatchObject(sound)
})

test('a question of a bank holds no money back, and a dispute about what is not ours is none', async () => {
  const { house, stripe, deliver, paid } = await startStriped()
  const { id } = await paid(6000n)
  stripe.dispute(await house.externalId('payment', id), 6000, 'warning_needs_response')
  await deliver(stripe.message('charge.dispute.created'))
  stripe.dispute('pi_of_somebody_else', 6000)
  await deliver(stripe.message('charge.dispute.created'))
  await house.running.settle()
  expect(await disputesOf(house)).toEqual([])
  expect((await house.events()).map(({ status }) => status)).not.toContain('received')
})

test('a dispute at Paystack whose end is never told is found by the hourly look', async () => {
  const paystack = await startPaystack(frozenClock())
  const house = await startPaying(
    { 'payment.paystack.base_url': paystack.url, 'payment.paystack.allow_private': 'true' },
    { PAYMENT_PROVIDER: 'paystack', PAYSTACK_SECRET_KEY: paystackKey },
  )
  onTestFinished(house.close)
  const deliver = async () => {
    const raw = paystack.messages.at(-1) ?? ''
    const headers = { 'x-paystack-signature': paystackSignature(raw) }
    expect((await house.ask('POST', '/webhooks/paystack', raw, headers)).status).toBe(200)
    await house.running.settle()
  }
  const payer = await house.payer('ada@example.com')
  const invoice = await house.invoice(payer, 90_000n, 'NGN')
  const { payment_id: id } = (await house.initiate(payer, { invoice_id: invoice.id })).body.data
  paystack.pay(id)
  await deliver()
  paystack.dispute(id)
  await deliver()
  expect(await balances(house, 'paystack', 'NGN')).toEqual([0n, 90_000n, -90_000n, 0n])
  paystack.dispute(id, 'declined')
  expect(await house.running.house.payments.reconcile()).toMatchObject({ found: 1 })
  expect(await house.running.house.payments.reconcile()).toMatchObject({ found: 0 })
  expect(await disputesOf(house)).toMatchObject([{ status: 'won', notice_due: false }])
  expect(await balances(house, 'paystack', 'NGN')).toEqual([90_000n, 0n, -90_000n, 0n])
})

test('chargebacks at Paddle are disputes: won when Paddle takes them back, told in any order, and lost when four months bring nothing', async () => {
  const paddle = await startPaddle(frozenClock())
  paddle.account.taxPercent = 19
  const house = await startPaying(
    { 'payment.paddle.base_url': paddle.url, 'payment.paddle.allow_private': 'true' },
    { PAYMENT_PROVIDER: 'paddle', PADDLE_API_KEY: paddleKey, PADDLE_WEBHOOK_SECRET: paddleSecret },
  )
  onTestFinished(house.close)
  let told = 0
  const tell = async () => {
    const fresh = paddle.messages.slice(told)
    told += fresh.length
    for (const { raw } of [...fresh.toReversed(), ...fresh]) {
      const headers = { 'paddle-signature': paddleSignature(raw, house.clock.now()) }
      expect((await house.ask('POST', '/webhooks/paddle', raw, headers)).status).toBe(200)
      await house.running.settle()
    }
  }
  const payer = await house.payer('ada@example.com')
  const paid = async (amount: bigint) => {
    const invoice = await house.invoice(payer, amount)
    const { payment_id: id } = (await house.initiate(payer, { invoice_id: invoice.id })).body.data
    const transaction = paddle.pay(await house.externalId('checkout', id))
    await tell()
    return { invoice, id, transaction }
  }
  const first = await paid(6000n)
  const chargeback = paddle.contest(first.transaction)
  await tell()
  expect(await disputesOf(house)).toMatchObject([
    { status: 'open', amount: 6000, invoice_amount: 6000, reason: 'Chargeback: fraudulent' },
  ])
  expect(await balances(house, 'paddle')).toEqual([0n, 6000n, -6000n, 0n])
  expect((await house.api('POST', `/api/payments/${first.id}/refund`, { amount: 1 })).status).toBe(409)
  paddle.reverse(chargeback)
  await tell()
  expect(await disputesOf(house)).toMatchObject([{ status: 'won', notice_due: false }])
  expect(await balances(house, 'paddle')).toEqual([6000n, 0n, -6000n, 0n])

  const second = await paid(4000n)
  paddle.contest(second.transaction, 'chargeback_warning')
  await tell()
  expect(await balances(house, 'paddle')).toEqual([6000n, 4000n, -10_000n, 0n])
  house.clock.advance(121 * 86_400_000)
  expect(await house.running.house.payments.reconcile()).toMatchObject({ found: 1 })
  expect((await disputesOf(house)).map(({ status }) => status).sort()).toEqual(['lost', 'won'])
  expect(await balances(house, 'paddle')).toEqual([6000n, 0n, -6000n, 0n])
  expect(await house.billing.ledger.check()).toMatchObject(sound)
})
