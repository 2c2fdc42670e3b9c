import { expect, onTestFinished, test } from 'vitest'
import { systemActor } from '#contract/actor.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { usageEvent } from '#test/usage/usage-events.ts'
import { type Payer, type PayingHouse, startPaying } from './paying-house.ts'
import { type RunningRail, rails } from './rails.ts'

async function subscribe({ records, running }: PayingHouse, { organizationId }: Payer, plan: string) {
  const where = [{ field: 'organization_id', op: 'eq', value: organizationId }] as const
  const subscription = (await records.list('subscription', { where })).items[0]
  const planId = (await records.getBy('plan', 'name', plan))?.id
  const moved = await running.house.engine.invoke({
    module: 'subscription',
    action: 'update',
    id: subscription?.id ?? '',
    input: { plan_id: planId },
    actor: systemActor,
    requestId: 'test',
  })
  if (!moved.ok) throw new Error(moved.message)
  return moved.value.row.id
}

async function use(house: PayingHouse, payer: Payer, subscriptionId: string, calls: number): Promise<void> {
  const batch = Array.from({ length: calls / 100 }, (_, index) =>
    usageEvent({
      id: `${subscriptionId}_${index}`,
      at: house.clock.now() + index,
      organization_id: payer.organizationId,
      subscription_id: subscriptionId,
      units: 100,
    }),
  )
  const place = { segment: `segment-${subscriptionId}`, from: 0, offset: 1 }
  await house.running.house.usageStore.absorb(batch, place)
}

/** Sends what a provider has to tell the wrong way round, and all of it twice. */
async function tell(house: PayingHouse, provider: string, rail: RunningRail) {
  const messages = rail.news()
  for (const raw of [...messages.toReversed(), ...messages]) {
    const answer = await house.ask('POST', `/webhooks/${provider}`, raw, { ...rail.headers(raw) })
    expect(answer.status, provider).toBe(200)
    await house.running.settle()
  }
}

test('starter with 15,000 calls is 60.00 USD, and is paid through every provider by its own messages: receipt, ledger, verification; a third of it goes back', async () => {
  const env = Object.assign({ PAYMENT_PROVIDER: 'stripe' }, ...rails.map((rail) => rail.env))
  const house = await startPaying({ 'payment.offered': rails.map(({ provider }) => provider).join(',') }, env)
  onTestFinished(house.close)
  house.clock.set('2026-11-30T12:00:00.000Z')
  const paying: { provider: string; rail: RunningRail; payer: Payer }[] = []
  for (const { provider, start } of rails) {
    const rail = await start(house.clock)
    for (const [key, value] of Object.entries(rail.settings)) await house.create('settings', { key, value })
    if (rail.quote !== undefined) await house.create('fx_quotes', rail.quote)
    const payer = await house.payer(`${provider}@example.com`)
    await use(house, payer, await subscribe(house, payer, 'starter'), 15_000)
    paying.push({ provider, rail, payer })
  }
  house.clock.set('2026-12-01T01:00:00.000Z')
  await house.running.house.subscriptions.carryOut()
  await house.billing.run()

  for (const { provider, rail, payer } of paying) {
    const where = [{ field: 'organization_id', op: 'eq', value: payer.organizationId }] as const
    const [invoice] = (await house.records.list('invoice', { where })).items as Rows['invoice'][]
    if (invoice === undefined) throw new Error(`no invoice for ${provider}`)
    expect(invoice).toMatchObject({ total: 6000, amount_due: 6000, currency: 'USD', status: 'open' })
    const offered = await house.initiate(payer, { invoice_id: invoice.id, provider })
    expect(offered.status, provider).toBe(200)
    expect(offered.body.data).toMatchObject(rail.charge)
    const { payment_id } = offered.body.data
    rail.pay(await house.externalId('checkout', payment_id))
    expect((await house.invoiceNow(invoice))?.status, 'paid on the page, and nobody has said so').toBe('open')
    await tell(house, provider, rail)
    expect(await house.invoiceNow(invoice)).toMatchObject({
      status: 'paid',
      amount_paid: 6000,
      amount_due: 0,
      payment_id,
      payment_provider: provider,
    })
    expect(await house.paymentsOf(invoice)).toMatchObject([{ status: 'succeeded', invoice_amount: 6000 }])
    expect(await house.billing.ledger.balance(`provider:${provider}`, 'USD'), provider).toBe(6000n)
    expect(await house.billing.verify(invoice.id)).toMatchObject({ ok: true, value: { ok: true } })
  }
  await house.billing.run()
  for (const { payer } of paying) {
    const receipts = (await house.mails(payer.email)).filter(({ subject }) => subject.startsWith('Receipt'))
    expect(receipts, payer.email).toHaveLength(1)
  }
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
  expect(await house.billing.ledger.balance('revenue', 'USD')).toBe(-6000n * BigInt(paying.length))

  // A third of it goes back, in whatever currency it came.
  for (const { provider, rail, payer } of paying) {
    const where = [{ field: 'organization_id', op: 'eq', value: payer.organizationId }] as const
    const payment = (await house.records.list('payment', { where })).items[0]
    const refund = { amount: rail.charge.amount / 3, reason: 'An outage' }
    const asked = await house.api('POST', `/api/payments/${payment?.id}/refund`, refund)
    expect(asked.status, provider).toBe(200)
    await house.running.settle()
    rail.finishRefunds?.()
    await tell(house, provider, rail)
    const refunds = (await house.records.list('refund', { where })).items
    expect(refunds, provider).toMatchObject([{ status: 'succeeded', ...refund, invoice_amount: 2000 }])
    expect(await house.billing.ledger.balance(`provider:${provider}`, 'USD'), provider).toBe(4000n)
  }
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
  expect(await house.billing.ledger.balance('revenue', 'USD')).toBe(-4000n * BigInt(paying.length))

  // Somebody gives another part back at the provider's own desk, and its message is lost; also where nobody looked for days.
  await house.running.house.payments.reconcile()
  for (const { provider, rail, payer } of paying.filter(({ rail }) => rail.refundAtDesk !== undefined)) {
    const where = [{ field: 'organization_id', op: 'eq', value: payer.organizationId }] as const
    const payment = (await house.records.list('payment', { where })).items[0]
    rail.refundAtDesk?.(await house.externalId('payment', payment?.id ?? ''), rail.charge.amount / 6)
    house.clock.advance(5 * 86_400_000)
    for (const _ of [1, 2]) {
      await house.running.house.payments.reconcile()
      await house.running.settle()
    }
    const refunds = (await house.records.list('refund', { where })).items
    expect(refunds.map(({ source, status }) => `${source} ${status}`).toSorted(), provider).toEqual([
      'operator succeeded',
      'provider succeeded',
    ])
    expect(await house.billing.ledger.balance(`provider:${provider}`, 'USD'), provider).toBe(3000n)
  }
  // What is contested, and never told, is seen within the hour.
  for (const { provider, rail, payer } of paying.filter(({ rail }) => rail.dispute !== undefined)) {
    const where = [{ field: 'organization_id', op: 'eq', value: payer.organizationId }] as const
    const payment = (await house.records.list('payment', { where })).items[0]
    rail.dispute?.(await house.externalId('payment', payment?.id ?? ''), rail.charge.amount / 2)
    house.clock.advance(3_600_000)
    for (const _ of [1, 2]) await house.running.house.payments.reconcile()
    const disputes = (await house.records.list('dispute', { where })).items
    expect(disputes, provider).toMatchObject([{ status: 'open', payment_id: payment?.id }])
  }
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
})
