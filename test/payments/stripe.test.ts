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

test('plans are prices at Stripe: made once, another at another fee, archived when nobody can buy them, found again when messages and answers were lost', async () => {
  const { house, stripe } = await startStriped()
  const sold = (id: string) => house.externalId('plan', id)
  const price = async (id: string) => stripe.object(await sold(id))
  const gold = (await house.create('plans', { name: 'gold', price_monthly: 9_900 })) as { id: string }
  await house.running.settle()
  const first = await sold(gold.id)
  expect(await price(gold.id)).toMatchObject({ unit_amount: 9_900, currency: 'usd', active: true })
  await house.api('PATCH', `/api/plans/${gold.id}`, { description: 'The same fee' })
  await house.running.settle()
  expect(await sold(gold.id)).toBe(first)

  // The answer to the new one is lost: asked again it is the same, and nothing is there twice.
  stripe.loseAnswers(true)
  await house.api('PATCH', `/api/plans/${gold.id}`, { price_monthly: 12_900 })
  await house.running.settle()
  expect(await sold(gold.id)).toBe(first)
  stripe.loseAnswers(false)
  stripe.forgetKeys()
  house.clock.advance(3_600_000)
  await house.running.settle()
  expect(await price(gold.id)).toMatchObject({ unit_amount: 12_900, active: true })
  expect(stripe.object(first)).toMatchObject({ active: false })
  const made = stripe.upstream.seen.filter(({ method, url }) => method === 'POST' && url === '/v1/prices')
  expect(new Set(made.map(({ body }) => body)).size).toBeGreaterThanOrEqual(2)

  // Back to what it was, the old price is sold again.
  await house.api('PATCH', `/api/plans/${gold.id}`, { price_monthly: 9_900 })
  await house.running.settle()
  expect(await sold(gold.id)).toBe(first)
  expect(stripe.object(first)).toMatchObject({ active: true })
  await house.api('PATCH', `/api/plans/${gold.id}`, { enabled: false })
  await house.running.settle()
  expect(await sold(gold.id)).toBe('')
  expect(stripe.object(first)).toMatchObject({ active: false })

  // One that was made by hand is the one, and is never archived; what is missing is found.
  await house.api('PATCH', `/api/plans/${gold.id}`, { enabled: true, stripe_price_id: 'price_by_hand' })
  await house.running.settle()
  expect(await sold(gold.id)).toBe('price_by_hand')
  const mapping = (
    await house.records.list('provider_mapping', {
      where: [{ field: 'external_id', op: 'eq', value: 'price_by_hand' }],
    })
  ).items[0]
  await house.api('DELETE', `/api/provider_mappings/${mapping?.id}`)
  expect(await house.running.house.payments.plans.all()).toMatchObject({ ok: true })
  expect(await sold(gold.id)).toBe('price_by_hand')
})

test('a subscription that Stripe keeps is noted as the one of ours, changes nothing of it, and is forgotten when it ends', async () => {
  const { house, stripe, deliver, offered } = await startStriped()
  const { payer } = await offered(100n)
  const plan = (await house.records.getBy('plan', 'name', 'starter'))?.id ?? ''
  expect(await house.running.house.payments.plans.one(plan)).toMatchObject({ ok: true })
  const where = [{ field: 'organization_id', op: 'eq', value: payer.organizationId }] as const
  const own = (await house.records.list('subscription', { where })).items[0]
  await house.api('PATCH', `/api/subscriptions/${own?.id}`, { plan_id: plan })
  const before = await house.records.get('subscription', own?.id ?? '')
  const service = house.running.house.providers.capabilities.capability('payment')
  const kept = await service.create_subscription({
    customer_id: await house.externalId('organization', payer.organizationId),
    price_id: await house.externalId('plan', plan),
  })
  const id = kept.ok ? kept.value.subscription_id : ''
  const tell = async (type: string) => {
    stripe.tell(type, stripe.object(id))
    for (const _ of [1, 2]) await deliver(stripe.message(type))
    await house.running.settle()
  }
  await tell('customer.subscription.created')
  expect(await house.externalId('subscription', own?.id ?? '')).toBe(id)
  expect((await house.events()).at(-1)).toMatchObject({ status: 'processed' })
  expect(await house.records.get('subscription', own?.id ?? '')).toEqual(before)
  await service.cancel_subscription({ subscription_id: id, at_period_end: false })
  await tell('customer.subscription.deleted')
  expect(await house.externalId('subscription', own?.id ?? '')).toBe('')
})
