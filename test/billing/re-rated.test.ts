import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { usageEvent } from '#test/usage/usage-events.ts'
import { type BillingHouse, type Customer, openBillingHouse } from './billing-house.ts'
import { type NaivePlan, type NaiveSwitch, naiveDiscount, naivePeriod, naiveTaxes } from './naive-rater.ts'
import { fieldsOf, naivePlans } from './random-plans.ts'

const startMs = Date.UTC(2026, 10)
const seconds = 30 * 86_400
const second = fc.integer({ min: 1, max: seconds - 1 })
const discounts = fc.oneof(
  fc.record({ basisPoints: fc.integer({ min: 1, max: 10_000 }) }),
  fc.record({ amount: fc.integer({ min: 1, max: 5_000 }) }),
)

const taxes = fc.array(
  fc.record({
    ppm: fc.integer({ min: 0, max: 400_000 }).map(BigInt),
    isInclusive: fc.boolean(),
    isCompound: fc.boolean(),
  }),
  { maxLength: 3 },
)

/** A month of a customer: another plan, a pause or its end at any second, use at any other, and perhaps a coupon, taxes and a cancellation. */
const months = fc
  .record({
    decimals: fc.constantFrom(0, 2, 3),
    plans: fc.array(naivePlans, { minLength: 1, maxLength: 4 }),
    turns: fc.uniqueArray(fc.record({ at: second, isPause: fc.boolean(), plan: fc.nat(3) }), {
      maxLength: 6,
      selector: ({ at }) => at,
    }),
    uses: fc.array(fc.oneof(second, fc.constantFrom(0, seconds - 1)), { maxLength: 300 }),
    discount: fc.option(discounts),
    taxes,
    cancelAt: fc.option(second),
  })
  .map(({ decimals, plans, turns, ...month }) => ({
    ...month,
    plans: plans.map((plan) => ({ ...plan, decimals })),
    turns: turns.toSorted((one, other) => one.at - other.at),
  }))
type Month = typeof months extends fc.Arbitrary<infer M> ? M : never

const customers = 24
// The same ones in each run: what is found here has to be found again.
const drawn = fc.sample(months, { numRuns: customers, seed: 20261121 })

interface Deed {
  readonly at: number
  readonly done: () => Promise<unknown>
}

/** What is done in a month, and when; and which plan is held from when on, null while nothing is charged. */
async function storyOf(
  { house, write }: BillingHouse,
  month: Month,
  customer: Customer,
  planIds: readonly string[],
) {
  const act = (action: string, input: object) =>
    write('subscription', action, { ...input }, customer.subscriptionId)
  const { plans, cancelAt } = month
  const switches: NaiveSwitch[] = [{ at: 0, plan: plans[0] ?? null }]
  const deeds: Deed[] = []
  let held = 0
  let isPaused = false
  for (const { at, isPause, plan } of month.turns) {
    if (cancelAt !== null && at >= cancelAt) break
    if (isPaused || isPause) {
      const action = isPaused ? 'resume' : 'pause'
      deeds.push({ at, done: () => act(action, {}) })
      isPaused = !isPaused
    } else {
      const next = plan % plans.length
      const plan_id = planIds[next]
      deeds.push({ at, done: () => act('change_plan', { plan_id }) })
      // The plan that is held already goes on as it was.
      if (next === held) continue
      held = next
    }
    switches.push({ at, plan: isPaused ? null : (plans[held] ?? null) })
  }
  if (cancelAt !== null && !isPaused) deeds.push({ at: cancelAt, done: () => act('cancel', {}) })
  const events = month.uses.map((at, index) =>
    usageEvent({
      id: `use_${customer.subscriptionId}_${index}`,
      at: startMs + at * 1000 + (index % 1000),
      organization_id: customer.organizationId,
      subscription_id: customer.subscriptionId,
    }),
  )
  const source = { segment: customer.subscriptionId, from: 0, offset: 1 }
  if (events.length > 0) deeds.push({ at: seconds - 1, done: () => house.usageStore.absorb(events, source) })
  return { deeds, switches }
}

async function makePlan({ write }: BillingHouse, name: string, plan: NaivePlan): Promise<string> {
  const { tiers, ...fields } = fieldsOf(plan)
  return write('plan', 'create', { name, ...fields, ...(tiers === null ? {} : { tiers }) })
}

/** The taxes of one customer alone, in their order. */
async function tax({ write }: BillingHouse, { organizationId }: Customer, month: Month): Promise<void> {
  for (const [index, { ppm, isInclusive, isCompound }] of month.taxes.entries())
    await write('tax_rate', 'create', {
      name: `Tax ${index}`,
      country: 'DE',
      organization_id: organizationId,
      percent: `${ppm / 10_000n}.${String(ppm % 10_000n).padStart(4, '0')}`,
      inclusive: isInclusive,
      compound: isCompound,
    })
}

test('a rater that knows nothing of the product agrees with every invoice of random plans, use, upgrades, downgrades, pauses, cancellations, coupons and taxes', async () => {
  const billing = await openBillingHouse(new Date(startMs).toISOString())
  const { write, clock, house } = billing
  const deeds: Deed[] = []
  const expected = new Map<string, { readonly sums: readonly string[]; readonly month: Month }>()
  for (const [number, month] of drawn.entries()) {
    const names = month.plans.map((_, index) => `plan ${number}.${index}`)
    const planIds: string[] = []
    for (const [index, plan] of month.plans.entries())
      planIds.push(await makePlan(billing, names[index] ?? '', plan))
    const customer = await billing.customer(names[0] ?? '')
    await tax(billing, customer, month)
    const story = await storyOf(billing, month, customer, planIds)
    deeds.push(...story.deeds)
    let total = naivePeriod(seconds, story.switches, month.uses)
    if (month.discount !== null) {
      const code = `RANDOM${number}`
      const off =
        'amount' in month.discount
          ? { amount_off: month.discount.amount, currency: fieldsOf(month.plans[0] as NaivePlan).currency }
          : { basis_points: month.discount.basisPoints }
      await write('coupon', 'create', { code, ...off })
      await write('subscription', 'redeem_coupon', { code }, customer.subscriptionId)
      total = naiveDiscount(total, month.discount)
    }
    const { net, gross } = naiveTaxes(total, month.taxes)
    expected.set(customer.subscriptionId, { sums: [net, gross - net, gross].map(String), month })
  }
  for (const { at, done } of deeds.toSorted((one, other) => one.at - other.at)) {
    clock.set(new Date(startMs + at * 1000).toISOString())
    await done()
  }
  await billing.runAt('2026-12-01T01:05:00Z')
  const invoices = await billing.invoices({ kind: 'period' })
  expect(invoices).toHaveLength(customers)
  for (const { id, subscription_id, subtotal, tax: taxed, total } of invoices) {
    const wanted = expected.get(subscription_id ?? '')
    const told = inspect(wanted?.month, { depth: 9 })
    expect([subtotal, taxed, total].map(String), told).toEqual(wanted?.sums)
    expect(await house.billing.verify(id)).toMatchObject({ value: { ok: true } })
  }
  expect(await house.billing.ledger.check()).toMatchObject({ unbalanced: [], drifted: [] })
  expect(await house.billing.ledger.imbalance()).toBe(0n)
}, 180_000)
