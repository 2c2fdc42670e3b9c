import type { PlanRow } from '#contract/rows.gen.ts'
import { formatMoney, formatUnitPrice, unitPriceText } from '#domain/money.ts'
import { countText } from '#domain/pricing/charge-line.ts'
import { tierText } from '#domain/pricing/graduated.ts'
import type { Price } from '#domain/pricing/price.ts'
import { readPrice } from '#domain/pricing/read-price.ts'
import type { Tier } from '#domain/pricing/tiers.ts'

/** A plan as the public is told of it. */
export interface PlanCard {
  readonly name: string
  readonly description: string
  readonly isDefault: boolean
  /** `Free`, or the fee of a period such as `10.00 USD`. */
  readonly fee: string
  readonly isFree: boolean
  /** Sentences: what is included, what more of it costs, how fast one may ask. */
  readonly lines: readonly string[]
}

/** Tells a plan in words; undefined where its price cannot be read, which is never shown as free. */
export function planCard(plan: PlanRow): PlanCard | undefined {
  const read = readPrice(plan)
  if (!read.ok) return undefined
  const { price } = read
  const use = costLines(price)
  const isFree = price.baseMinor === 0n && price.minimumMinor === 0n && use.length === 0
  return {
    name: plan.name,
    description: plan.description,
    isDefault: plan.is_default,
    fee: isFree ? 'Free' : formatMoney({ amountMinor: price.baseMinor, currency: price.currency }),
    isFree,
    lines: [includedLine(plan), ...use, rateLine(plan), ...furtherLines(plan, price)],
  }
}

/** Cheapest fee first, as price tables are read. */
export function comparePlans(one: PlanRow, other: PlanRow): number {
  return one.price_monthly - other.price_monthly || (one.name < other.name ? -1 : 1)
}

function includedLine({ requests_per_month: most, price_model: model, quota_mode: mode }: PlanRow): string {
  if (most < 0) return model === 'flat' ? 'Unlimited requests' : 'No monthly limit'
  const count = `${countText(most)} requests a month`
  if (mode === 'hard') return `Up to ${count}`
  return model === 'flat' ? `${count} included` : 'No monthly limit'
}

function rateLine({ rate_limit_per_minute: most }: PlanRow): string {
  return most < 0 ? 'No rate limit' : `${countText(most)} requests a minute`
}

/** What use costs, whatever the model; nothing where it costs nothing. */
function costLines(price: Price): string[] {
  const { currency } = price
  const each = (micros: bigint) => formatUnitPrice(unitPriceText(micros), currency)
  switch (price.model) {
    case 'flat':
      return price.includedUnits === null || price.overageUnitMicros === 0n
        ? []
        : [`Then ${each(price.overageUnitMicros)} for each request`]
    case 'per_unit':
      return price.unitMicros === 0n ? [] : [`${each(price.unitMicros)} for each request`]
    case 'package':
      return price.packageMicros === 0n
        ? []
        : [`${each(price.packageMicros)} for every ${countText(price.packageSize)} requests begun`]
    case 'percentage':
      return price.basisPoints === 0 ? [] : [`${percentText(price.basisPoints)} of the amounts you process`]
    case 'graduated':
      return price.tiers.map((tier) => tierLine(tier, currency))
    case 'volume':
      return [
        'One price for all units, by how many there are:',
        ...price.tiers.map((tier) => tierLine(tier, currency)),
      ]
  }
}

function tierLine(tier: Tier, currency: string): string {
  const fee = tier.feeMinor === 0n ? '' : ` and ${formatMoney({ amountMinor: tier.feeMinor, currency })} once`
  return `${tierText(tier)}: ${formatUnitPrice(unitPriceText(tier.unitMicros), currency)} each${fee}`
}

const percentText = (basisPoints: number): string => `${basisPoints / 100} %`

function furtherLines({ trial_days: days }: PlanRow, { minimumMinor, currency }: Price): string[] {
  return [
    ...(minimumMinor > 0n
      ? [`At least ${formatMoney({ amountMinor: minimumMinor, currency })} a month`]
      : []),
    ...(days > 0 ? [`${days === 1 ? 'One day' : `${days} days`} to try it free`] : []),
  ]
}
