import type { SubscriptionRow } from '#contract/rows.gen.ts'
import { periodAt } from '#domain/billing/billing-period.ts'
import type { CreditAccount, CreditedSubscription } from '#domain/billing/prepaid.ts'
import type { Condition, Records } from '#ports/records.ts'
import { usableCredit } from './assemble-invoice.ts'
import { readTaxRates } from './billing-terms.ts'
import { discountsOf } from './coupons.ts'
import { rememberPrices } from './remember-prices.ts'
import { anchorOf } from './subscription-log.ts'
import { readTerms } from './subscription-terms.ts'

/** The accounts of a customer on prepaid plans, by currency. */
export type CreditAccounts = ReadonlyMap<string, CreditAccount>

type Terms = { readonly payment: string; readonly currency: string }

/**
 * What a customer with a prepaid plan has paid in advance, and all subscriptions whose invoices are paid from it: also those of its plans
 * that are not prepaid, as credit pays invoices whatever they are for. Null where none of its plans is prepaid.
 */
export async function readCreditAccounts(
  records: Records,
  organizationId: string,
): Promise<CreditAccounts | null> {
  const where: readonly Condition[] = [{ field: 'organization_id', op: 'eq', value: organizationId }]
  const rows: (readonly [SubscriptionRow, Terms])[] = []
  for await (const row of records.each('subscription', where)) {
    const terms = await soldTerms(records, row)
    if (terms !== undefined) rows.push([row, terms])
  }
  const prepaid = rows.filter(([{ status }, { payment }]) => payment === 'prepaid' && status !== 'ended')
  if (prepaid.length === 0) return null
  const profile = await records.getBy('billing_profile', 'organization_id', organizationId)
  const taxRates = await readTaxRates(records)
  const taxed = {
    organizationId,
    country: profile?.country ?? '',
    isExempt: profile?.tax_exempt === true,
  }
  const accounts = new Map<string, CreditAccount>()
  for (const currency of new Set(prepaid.map(([, terms]) => terms.currency))) {
    const own = rows.flatMap(([row, terms]) => (terms.currency === currency ? [row] : []))
    // What is invoiced is read first: what an invoice draws meanwhile is then missing for a moment, and never there twice.
    const { subscriptions, prices } = await creditedOf(records, own)
    const grants = await usableCredit(records, organizationId, currency)
    accounts.set(currency, { organizationId, currency, grants, subscriptions, prices, taxed, taxRates })
  }
  return accounts
}

/** What was sold to a subscription: one that is older than price versions was never sold as prepaid. */
async function soldTerms(
  records: Records,
  { price_version_id: versionId, plan_id: planId }: SubscriptionRow,
): Promise<Terms | undefined> {
  const version = versionId === null ? undefined : await records.get('price_version', versionId)
  if (version !== undefined) return version
  const plan = await records.get('plan', planId)
  return plan === undefined ? undefined : { payment: 'postpaid', currency: plan.currency }
}

async function creditedOf(
  records: Records,
  rows: readonly SubscriptionRow[],
): Promise<Pick<CreditAccount, 'subscriptions' | 'prices'>> {
  const known = rememberPrices(records)
  const prices = new Map<
    string,
    { price: NonNullable<Awaited<ReturnType<typeof known.price>>>; planName: string }
  >()
  const subscriptions: CreditedSubscription[] = []
  for (const row of rows) {
    const { changes, proratesStart } = await readTerms(records, row)
    for (const change of changes) {
      const price = await known.price(change)
      const planName = (await known.plan(change.planId))?.name
      if (price !== undefined && planName !== undefined)
        prices.set(change.priceVersionId ?? change.planId, { price, planName })
    }
    const discounts = await discountsOf(records, row.id)
    const billedUntilMs = await billedUntil(records, row)
    subscriptions.push({
      id: row.id,
      anchor: anchorOf(row),
      billedUntilMs,
      proratesStart,
      changes,
      discounts,
    })
  }
  return { subscriptions, prices }
}

async function billedUntil(records: Records, row: SubscriptionRow): Promise<number> {
  const { items } = await records.list('invoice', {
    where: [
      { field: 'subscription_id', op: 'eq', value: row.id },
      { field: 'kind', op: 'eq', value: 'period' },
      { field: 'status', op: 'ne', value: 'draft' },
    ],
    sort: { field: 'period_end', descending: true },
    limit: 1,
  })
  const last = items[0]?.period_end ?? null
  return last === null ? periodAt(anchorOf(row), Date.parse(row.created_at)).startMs : Date.parse(last)
}
