import { expect, it } from 'vitest'
import { paddleKey, paddleSecret, paddleSignature, startPaddle } from '#test/support/paddle-double.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { paymentConformance } from './payment.ts'

async function open(secret: string | undefined = paddleSecret) {
  const opened = await providerHouse({ env: { PAYMENT_PROVIDER: 'paddle', PADDLE_API_KEY: paddleKey } })
  const paddle = await startPaddle(opened.clock)
  await opened.set('payment.paddle.base_url', paddle.url)
  await opened.set('payment.paddle.allow_private', 'true')
  if (secret !== undefined) await opened.set('payment.paddle.webhook_secret', secret)
  return { ...opened, paddle, payment: opened.house.providers.capabilities.capability('payment') }
}

type Opened = Awaited<ReturnType<typeof open>>

async function pageOf({ payment }: Opened, amount: number) {
  const customer = await payment.create_customer({ email: 'ada@example.com' })
  const made = await payment.create_checkout({
    customer_id: customer.ok ? customer.value.customer_id : '',
    amount,
    currency: 'usd',
    reference: 'pay_1',
    success_url: 'https://portal.example.com/done',
    cancel_url: 'https://portal.example.com',
    idempotency_key: `k${amount}`,
  })
  if (!made.ok) throw new Error(made.message)
  return made.value
}

paymentConformance('paddle', async () => {
  const { house, clock, paddle, payment } = await open()
  return {
    capabilities: house.providers.capabilities,
    emails: { good: 'ada@example.com', declined: 'decline@example.com' },
    loseAnswer: paddle.loseAnswer,
    customer: {
      pay: async (checkoutId) => paddle.pay(checkoutId),
      subscription: async (checkoutId) => {
        paddle.pay(checkoutId)
        return String(paddle.transactions.get(checkoutId)?.subscription_id)
      },
    },
    async price() {
      const wish = { name: 'Starter', amount: 1_000, currency: 'usd', interval: 'month' } as const
      const made = await payment.create_price(wish)
      if (!made.ok) throw new Error(made.message)
      return made.value.price_id
    },
    async webhook(type) {
      const isKnown = type === 'payment.invoice_paid'
      const renewal = { id: 'txn_1', origin: 'subscription_recurring', invoice_id: 'inv_1' }
      paddle.tell(isKnown ? 'transaction.completed' : type, renewal)
      const raw = paddle.messages.at(-1)?.raw ?? ''
      return { raw, headers: { 'paddle-signature': paddleSignature(raw, clock.now()) } }
    },
    pass: clock.advance,
  }
})

it('Paddle with an empty secret, or none, believes no webhook, also one that is signed with it', async () => {
  for (const secret of [undefined, ' ']) {
    const { payment, clock } = await open(secret)
    const raw = JSON.stringify({
      event_id: 'evt_1',
      event_type: 'transaction.completed',
      data: { id: 'txn_1' },
    })
    for (const empty of ['', ' ']) {
      const headers = { 'paddle-signature': paddleSignature(raw, clock.now(), empty) }
      expect(await payment.handle_webhook({ payload: {}, raw, headers })).toMatchObject({ ok: false })
    }
  }
})

it('one good signature of several is enough, as both are sent while a secret is replaced', async () => {
  const { payment, clock, paddle } = await open()
  paddle.tell('transaction.completed', { id: 'txn_1' })
  const { raw } = paddle.message('transaction.completed')
  const [time, old = ''] = paddleSignature(raw, clock.now(), 'the old secret').split(';')
  const [, right = ''] = paddleSignature(raw, clock.now()).split(';')
  const handle = (signature: string) =>
    payment.handle_webhook({ payload: {}, raw, headers: { 'paddle-signature': signature } })
  expect(await handle(`${time};${old};${right}`)).toMatchObject({
    value: { event_type: 'payment.payment_succeeded', checkout_id: 'txn_1' },
  })
  expect(await handle(`${time};${old}`)).toMatchObject({ ok: false, code: 'invalid_signature' })
})

it('what was paid at Paddle is what was asked for, whatever taxes stood on top; a refund is counted the same way', async () => {
  const opened = await open()
  const { payment, paddle } = opened
  paddle.account.taxPercent = 19
  const { checkout_id } = await pageOf(opened, 6_000)
  expect(await payment.get_checkout({ checkout_id })).toMatchObject({
    value: { status: 'open', reference: 'pay_1' },
  })
  const payment_id = paddle.pay(checkout_id)
  expect(paddle.transactions.get(payment_id)?.details?.totals?.grand_total).toBe('7140')
  expect(await payment.get_payment({ payment_id })).toMatchObject({
    value: { amount: 6_000, status: 'succeeded' },
  })
  const part = await payment.refund_payment({ payment_id, amount: 1_001, idempotency_key: 'r1' })
  expect(part).toMatchObject({ value: { amount: 1_001 } })
  expect(await payment.get_payment({ payment_id })).toMatchObject({ value: { amount_refunded: 1_001 } })
})

it('a refund that Paddle has not approved yet is under way and has given nothing back, and asking for it again makes no second one', async () => {
  const opened = await open()
  const { payment, paddle } = opened
  paddle.account.approvesRefunds = false
  const { checkout_id } = await pageOf(opened, 500)
  const wish = { payment_id: paddle.pay(checkout_id), amount: 200, idempotency_key: 'r1' }
  const first = await payment.refund_payment(wish)
  expect(first).toMatchObject({ value: { amount: 200, status: 'pending_approval' } })
  expect(await payment.refund_payment(wish)).toEqual(first)
  expect(await payment.refund_payment({ ...wish, idempotency_key: 'r2' })).toMatchObject({ ok: false })
  const refund_id = first.ok ? first.value.refund_id : ''
  const asked = { payment_id: wish.payment_id }
  expect(await payment.get_payment(asked)).toMatchObject({ value: { amount_refunded: 0 } })
  paddle.approve(refund_id)
  expect(await payment.get_refund({ ...asked, refund_id })).toMatchObject({
    value: { amount: 200, status: 'approved' },
  })
  expect(await payment.get_payment(asked)).toMatchObject({ value: { amount_refunded: 200 } })
})

it('an account without a page to pay on says so, and one is offered from the setting', async () => {
  const opened = await open()
  opened.paddle.account.hasPaymentLink = false
  await expect(pageOf(opened, 100)).rejects.toThrow('default payment link')
  await opened.set('payment.paddle.checkout_page', 'https://pay.example.org/paddle')
  expect((await pageOf(opened, 200)).url).toMatch(/^https:\/\/pay\.example\.org\/paddle\?_ptxn=txn_/)
})

it('Paddle that is down, or takes another key, is a provider that is down, and its key stands in no log', async () => {
  const { payment, set, lines, paddle } = await open()
  await set('payment.paddle.api_key', 'pdl_wrong')
  const down = { code: 'service_unavailable' }
  expect(await payment.create_customer({ email: 'a@example.com' })).toMatchObject(down)
  await paddle.upstream.close()
  expect(await payment.create_customer({ email: 'a@example.com' })).toMatchObject(down)
  expect(lines.join('\n')).not.toContain('pdl_wrong')
})
