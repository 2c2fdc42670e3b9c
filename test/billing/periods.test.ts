import { expect, test } from 'vitest'
import { type BillingHouse, openBillingHouse } from './billing-house.ts'

/** The ledger is right, and every finalized invoice comes out of its raw events again. */
async function expectAllRight({ house, invoices }: BillingHouse) {
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
  expect(await house.billing.ledger.imbalance()).toBe(0n)
  for (const invoice of await invoices()) {
    if (invoice.status === 'draft') continue
    expect(await house.billing.verify(invoice.id)).toMatchObject({ ok: true, value: { ok: true } })
  }
}

test('starter with 15,000 calls in a month is an invoice of exactly 60.00 USD', async () => {
  const billing = await openBillingHouse()
  const customer = await billing.customer('starter')
  for (let day = 3; day < 18; day += 1)
    await billing.use(customer, `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`, 1000)
  expect(await billing.runAt('2026-12-01T00:00:00Z')).toMatchObject({ drafted: 1, finalized: 0 })
  expect(await billing.invoices({ subscription_id: customer.subscriptionId })).toMatchObject([
    { status: 'draft', number: null, period_start: '2026-11-01T00:00:00.000Z' },
  ])
  expect(await billing.runAt('2026-12-01T00:59:59.999Z')).toMatchObject({ finalized: 0 })
  expect(await billing.runAt('2026-12-01T01:00:00Z')).toMatchObject({ finalized: 1, failed: 0 })
  const [invoice] = await billing.invoices({ subscription_id: customer.subscriptionId })
  expect(invoice).toMatchObject({
    status: 'open',
    number: expect.stringMatching(/^INV-2026-000001$/),
    units: 15_000,
    event_count: 15_000,
    subtotal: 6000,
    total: 6000,
    amount_due: 6000,
    due_at: '2026-12-15T01:00:00.000Z',
  })
  if (invoice === undefined) return
  expect(await billing.lines(invoice)).toEqual(['base 1 x 10 = 1000', 'overage 5000 x 0.01 = 5000'])
  const paid = await billing.house.billing.settle(invoice.id, {
    id: 'pay_1',
    provider: 'dummy',
    amountMinor: 6000n,
    currency: 'USD',
    paidAtMs: billing.clock.now(),
  })
  expect(paid).toMatchObject({ ok: true, value: { isNew: true, invoice: { status: 'paid', amount_due: 0 } } })
  const { ledger } = billing.house.billing
  expect(await ledger.balance('provider:dummy', 'USD')).toBe(6000n)
  expect(await ledger.balance('revenue', 'USD')).toBe(-6000n)
  expect(await ledger.balance(`receivable:${customer.organizationId}`, 'USD')).toBe(0n)
  expect(await ledger.balance('deferred', 'USD')).toBe(0n)
  await expectAllRight(billing)
})
