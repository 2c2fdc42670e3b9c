import { text } from '@/text/billing.ts'
import { count, money } from '@/ui/show.tsx'
import { unitMoney } from '@/ui/unit-money.ts'
import { featureWords } from './feature-words.ts'
import type { Plan } from './read-billing.ts'

/** What a plan gives and costs, a sentence for each. */
export function planWords(plan: Plan): readonly string[] {
  const words = [
    plan.price_model === 'flat' || plan.requests_per_month >= 0
      ? plan.requests_per_month < 0
        ? text.unlimitedRequests
        : text.requests(count(plan.requests_per_month))
      : undefined,
    priceWords(plan),
    plan.rate_limit_per_minute < 0 ? undefined : text.aMinute(count(plan.rate_limit_per_minute)),
    plan.minimum_commitment > 0 ? text.atLeast(money(plan.minimum_commitment, plan.currency)) : undefined,
    plan.payment === 'prepaid' ? text.prepaid : undefined,
    plan.trial_days > 0 ? text.trialDays(plan.trial_days) : undefined,
    ...featureWords(plan.entitlements),
  ]
  return words.filter((word) => word !== undefined)
}

function priceWords(plan: Plan): string | undefined {
  const { price_model, currency, unit_price } = plan
  if (price_model === 'per_unit') return text.eachUnit(unitMoney(unit_price, currency))
  if (price_model === 'graduated' || price_model === 'volume') return text.byTiers
  if (price_model === 'package')
    return text.perPackage(unitMoney(unit_price, currency), count(plan.package_size))
  if (price_model === 'percentage') return text.share(`${plan.basis_points / 100} %`)
  return plan.requests_per_month < 0 ? undefined : pastQuota(plan)
}

function pastQuota({ quota_mode, currency, overage_unit_price, overage_price }: Plan): string | undefined {
  if (quota_mode === 'hard') return text.stopsThere
  if (quota_mode === 'warn') return undefined
  if (overage_unit_price !== '') return text.afterwards(unitMoney(overage_unit_price, currency))
  return overage_price > 0 ? text.afterwards(money(overage_price, currency)) : undefined
}

/** The fee of a month in words; a plan whose use is paid for is not free. */
export function feeOf(plan: Pick<Plan, 'price_monthly' | 'currency' | 'price_model'>): string {
  if (plan.price_monthly > 0) return money(plan.price_monthly, plan.currency)
  return plan.price_model === 'flat' ? text.free : text.noFee
}
