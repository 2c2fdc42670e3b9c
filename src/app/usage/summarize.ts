import { accept, Fault, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { ratePeriod } from '#domain/billing/rate-period.ts'
import { decimalAmount } from '#domain/money.ts'
import { type Month, monthOf, parseMonth } from '#domain/period.ts'
import { sumOf } from '#domain/pricing/charge-line.ts'
import { overageUnits } from '#domain/pricing/flat.ts'
import { type Price, rate } from '#domain/pricing/price.ts'
import type { Clock } from '#ports/clock.ts'
import type { Condition, Records } from '#ports/records.ts'
import type { UsageStore, UsageTotals } from '#ports/usage-store.ts'
import { type Prices, rememberPrices } from '../billing/remember-prices.ts'
import { readTerms } from '../billing/subscription-terms.ts'
import { usedSegments } from '../billing/used-segments.ts'

/** One subscription's month: what was used, what is left, what it costs so far. Plain data, ready for JSON. */
interface UsageSummaryRow {
  readonly subscription_id: string
  readonly organization_id: string
  /** Names, or the id where the record is gone. */
  readonly organization: string
  readonly api_id: string
  readonly api: string
  readonly plan_id: string
  readonly plan: string
  readonly requests: number
  readonly units: number
  readonly errors: number
  readonly price_model: Rows['plan']['price_model']
  /** What happens past what is included: refused, billed, or only told of. */
  readonly quota_mode: Rows['plan']['quota_mode']
  /** null = unlimited. */
  readonly included: number | null
  readonly remaining: number | null
  readonly overage_units: number
  /** Minor units of the currency. */
  readonly cost_minor: number
  readonly currency: string
  /** The same amount in the major unit, such as `1234.50 USD`. */
  readonly cost: string
}

/** Usage and cost of one calendar month (UTC). */
export interface UsageSummary {
  readonly month: string
  readonly rows: readonly UsageSummaryRow[]
}

interface Dependencies {
  readonly usageStore: Pick<UsageStore, 'totals' | 'unitsOf'>
  readonly records: Records
  readonly clock: Clock
}

const noUse: UsageTotals = {
  requests: 0,
  units: 0,
  errors: 0,
  request_bytes: 0,
  response_bytes: 0,
  duration_ms: 0,
}

/**
 * Usage and cost so far of every subscription that was used in the month or is served in it, of one organization or of all.
 * Refuses a month that is not `YYYY-MM` and an organization that is not there.
 */
export async function usageSummary(
  { usageStore, records, clock }: Dependencies,
  query: { readonly month?: string; readonly organizationId?: string } = {},
): Promise<Outcome<UsageSummary>> {
  const month = query.month === undefined ? monthOf(clock.now()) : parseMonth(query.month)
  if (month === undefined) return refuseFields([{ field: 'month', reason: 'must look like 2026-11' }])
  const { organizationId } = query
  if (organizationId !== undefined && (await records.get('organization', organizationId)) === undefined) {
    return refuse('not_found', 'No such organization')
  }
  const used = await readUse(usageStore, month, organizationId)
  const names = await readNames(records)
  const prices = rememberPrices(records)
  const changed = await changedSince(records, month)
  const rows: UsageSummaryRow[] = []
  for await (const subscription of records.each('subscription', ofOrganization(organizationId))) {
    const totals = used.get(subscription.id)
    const plan = names.plans.get(subscription.plan_id)
    if (plan === undefined || (totals === undefined && !isServed(subscription, month))) continue
    const owed = changed.has(subscription.id)
      ? await owedByStretch({ prices, usageStore, records }, subscription, month)
      : owedByOnePrice(await prices.price(priceIdOf(subscription)), subscription, totals?.units ?? 0)
    rows.push({ ...labels(subscription, plan, names), ...priced(plan, totals ?? noUse, owed) })
  }
  rows.sort((a, b) => compare(a.organization, b.organization) || compare(a.api, b.api))
  return accept({ month: month.label, rows })
}

async function readUse(usageStore: Dependencies['usageStore'], month: Month, organizationId?: string) {
  const totals = await usageStore.totals({
    fromMs: month.start,
    toMs: month.end,
    granularity: 'day',
    groupBy: ['subscription_id'],
    ...(organizationId === undefined ? {} : { organizationId }),
  })
  return new Map(totals.map((row) => [row.subscription_id, row]))
}

async function readNames(records: Records) {
  const plans = new Map<string, Rows['plan']>()
  const apis = new Map<string, string>()
  const organizations = new Map<string, string>()
  for await (const plan of records.each('plan')) plans.set(plan.id, plan)
  for await (const api of records.each('api')) apis.set(api.id, api.name)
  for await (const organization of records.each('organization')) {
    organizations.set(organization.id, organization.name)
  }
  return { plans, apis, organizations }
}

const ofOrganization = (organizationId: string | undefined): readonly Condition[] =>
  organizationId === undefined ? [] : [{ field: 'organization_id', op: 'eq', value: organizationId }]

function isServed(subscription: Rows['subscription'], month: Month): boolean {
  const isOpen = ['trialing', 'active', 'past_due', 'cancelled'].includes(subscription.status)
  return isOpen && Date.parse(subscription.created_at) < month.end
}

type Names = Awaited<ReturnType<typeof readNames>>

function labels(subscription: Rows['subscription'], plan: Rows['plan'], names: Names) {
  const apiId = subscription.api_id ?? ''
  return {
    subscription_id: subscription.id,
    organization_id: subscription.organization_id,
    organization: names.organizations.get(subscription.organization_id) ?? subscription.organization_id,
    api_id: apiId,
    api: names.apis.get(apiId) ?? apiId,
    plan_id: plan.id,
    plan: plan.name,
  }
}

/** What a month costs, and how much of its use lies past what is included. */
interface Owed {
  readonly amountMinor: bigint
  readonly currency: string
  readonly overageUnits: number
}

const priceIdOf = ({ plan_id, price_version_id }: Rows['subscription']) => ({
  planId: plan_id,
  priceVersionId: price_version_id,
})

/** Subscriptions whose terms have changed in the month or since: what they have now says nothing about all of it. */
async function changedSince(records: Records, month: Month): Promise<ReadonlySet<string>> {
  const since = [{ field: 'at', op: 'gte', value: new Date(month.start).toISOString() }] as const
  const ids = new Set<string>()
  for await (const { subscription_id } of records.each('subscription_change', since)) ids.add(subscription_id)
  return ids
}

function owedByOnePrice(price: Price | undefined, { status }: Rows['subscription'], units: number): Owed {
  if (price === undefined) return { amountMinor: 0n, currency: 'USD', overageUnits: 0 }
  const isFree = status === 'trialing' || status === 'paused'
  return {
    amountMinor: isFree ? 0n : sumOf(rate(price, units)),
    currency: price.currency,
    overageUnits: price.model === 'flat' && !isFree ? overageUnits(price, { from: 0, to: units }) : 0,
  }
}

async function owedByStretch(
  deps: Pick<Dependencies, 'records' | 'usageStore'> & { readonly prices: Prices },
  subscription: Rows['subscription'],
  month: Month,
): Promise<Owed> {
  const terms = await readTerms(deps.records, subscription)
  const period = { startMs: month.start, endMs: month.end }
  const used = await usedSegments(deps, subscription, terms, period)
  const lines = ratePeriod({ ...period, proratesStart: terms.proratesStart }, used)
  const past = lines.filter(({ kind }) => kind === 'overage')
  return {
    amountMinor: sumOf(lines),
    currency:
      used.findLast(({ isCharged }) => isCharged)?.price.currency ?? used.at(-1)?.price.currency ?? 'USD',
    overageUnits: past.reduce((sum, { quantity }) => sum + quantity, 0),
  }
}

function priced(plan: Rows['plan'], totals: UsageTotals, owed: Owed) {
  const { units } = totals
  const included = plan.requests_per_month < 0 ? null : plan.requests_per_month
  return {
    requests: totals.requests,
    units,
    errors: totals.errors,
    price_model: plan.price_model,
    quota_mode: plan.quota_mode,
    included,
    remaining: included === null ? null : Math.max(0, included - units),
    overage_units: owed.overageUnits,
    cost_minor: safeNumber(owed.amountMinor),
    currency: owed.currency,
    cost: `${decimalAmount(owed)} ${owed.currency}`,
  }
}

function safeNumber(amountMinor: bigint): number {
  const amount = Number(amountMinor)
  if (!Number.isSafeInteger(amount))
    throw new Fault('internal_error', `the amount ${amountMinor} is too large`)
  return amount
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
