import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'

/** A plan that the organization has or may change to. */
export interface Plan {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly api_id: string
  readonly is_on_offer: boolean
  readonly is_current: boolean
  readonly currency: string
  readonly price_monthly: number
  readonly price_model: 'flat' | 'per_unit' | 'graduated' | 'volume' | 'package' | 'percentage'
  readonly overage_price: number
  readonly overage_unit_price: string
  readonly unit_price: string
  readonly package_size: number
  readonly basis_points: number
  readonly minimum_commitment: number
  readonly payment: 'postpaid' | 'prepaid'
  readonly requests_per_month: number
  readonly quota_mode: 'hard' | 'soft' | 'warn'
  readonly rate_limit_per_minute: number
  readonly trial_days: number
  /** What else it gives, by its name. */
  readonly entitlements: Readonly<Record<string, string | number | boolean>>
}

/** What a subscription used this month, and what that costs. */
export interface MonthOfUse {
  readonly subscription_id: string
  readonly api: string
  readonly plan: string
  readonly requests: number
  readonly units: number
  readonly price_model: Plan['price_model']
  readonly quota_mode: Plan['quota_mode']
  readonly included: number | null
  readonly overage_units: number
  readonly cost_minor: number
  readonly currency: string
  /** What the month comes to if it goes on as the last seven days did. */
  readonly forecast: {
    readonly units: number
    readonly cost_minor: number
    readonly included_until: string | null
  } | null
}

/** Where the organization stands this month, and today. */
export interface Standing {
  readonly subscriptions: readonly MonthOfUse[]
  readonly today: { readonly requests: number; readonly errors: number }
}

/** A subscription as the server shows it. */
export interface Subscription {
  readonly id: string
  readonly api_id: string | null
  readonly plan_id: string
  readonly pending_plan_id: string | null
  readonly status: string
  readonly current_period_end: string | null
  readonly trial_end: string | null
  readonly ends_at: string | null
}

/** What the organization has spent on use this month. */
export interface Spending {
  readonly resets_at: string
  readonly cap: number | null
  readonly spent: readonly { readonly currency: string; readonly amount: number }[]
}

/** What is left of prepaid credit in a currency; minor units. */
export interface Credit {
  readonly currency: string
  readonly balance: number
  readonly used: number
  readonly available: number
  readonly is_prepaid: boolean
}

export const useCredit = () =>
  useQuery({
    queryKey: ['billing', 'credit'],
    queryFn: ({ signal }) => read<readonly Credit[]>('/api/v1/billing/credit', signal),
    staleTime: 60_000,
  })

export const usePlans = () =>
  useQuery({
    queryKey: ['billing', 'plans'],
    queryFn: ({ signal }) => read<readonly Plan[]>('/api/v1/billing/plans', signal),
  })

export const useSubscriptions = () =>
  useQuery({
    queryKey: ['billing', 'subscriptions'],
    queryFn: ({ signal }) => read<readonly Subscription[]>('/api/subscriptions?limit=100', signal),
  })

export const useMonth = () =>
  useQuery({
    queryKey: ['billing', 'month'],
    queryFn: ({ signal }) => read<Standing>('/api/v1/dashboard/stats', signal),
    staleTime: 60_000,
  })

export const useSpending = () =>
  useQuery({
    queryKey: ['billing', 'spending'],
    queryFn: ({ signal }) => read<Spending>('/api/v1/spending', signal),
  })
