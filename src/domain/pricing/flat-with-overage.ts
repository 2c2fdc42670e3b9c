import { type Money, microsOf, parseUnitPrice, roundMicros } from '../money.ts'

/** A flat price for a month with a number of units in it, and a price for each unit past them. */
export interface FlatTerms {
  readonly currency: string
  readonly baseMinor: bigint
  /** null = unlimited. */
  readonly includedUnits: number | null
  /** Micro-units of the major unit. */
  readonly overageUnitMicros: bigint
}

/** What a month costs under flat terms, line by line. */
export interface FlatCharge {
  readonly base: Money
  readonly overageUnits: number
  readonly overage: Money
  readonly total: Money
}

/** The fields of a plan that flat terms are made of. */
export interface PlanPrice {
  readonly currency: string
  readonly price_monthly: number
  readonly overage_price: number
  readonly overage_unit_price: string
  readonly requests_per_month: number
  readonly quota_mode: string
}

/** The terms of a plan. Only a `soft` quota bills its overage; the unit price stands in for the minor-unit price when it is set. */
export function flatTermsOf(plan: PlanPrice): FlatTerms {
  const { currency } = plan
  const fine = plan.overage_unit_price === '' ? undefined : parseUnitPrice(plan.overage_unit_price)
  const unitMicros = fine ?? microsOf({ amountMinor: BigInt(plan.overage_price), currency })
  return {
    currency,
    baseMinor: BigInt(plan.price_monthly),
    includedUnits: plan.requests_per_month < 0 ? null : plan.requests_per_month,
    overageUnitMicros: plan.quota_mode === 'soft' ? unitMicros : 0n,
  }
}

/** total = base + max(0, billable - included) x overage, the overage line rounded half up once. */
export function priceFlatWithOverage(terms: FlatTerms, billableUnits: number): FlatCharge {
  const { currency } = terms
  const base = { amountMinor: terms.baseMinor, currency }
  const overageUnits = terms.includedUnits === null ? 0 : Math.max(0, billableUnits - terms.includedUnits)
  const overage = roundMicros(BigInt(overageUnits) * terms.overageUnitMicros, currency)
  const total = { amountMinor: base.amountMinor + overage.amountMinor, currency }
  return { base, overageUnits, overage, total }
}
