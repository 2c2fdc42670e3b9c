import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'

interface RevenueDay {
  readonly at: string
  readonly revenue: number
  readonly mrr: number
}

/** What is earned in one currency, in minor units. */
export interface CurrencyRevenue {
  readonly currency: string
  readonly mrr: number
  readonly mrr_before: number
  readonly revenue: number
  readonly revenue_before: number
  readonly outstanding: number
  readonly days: readonly RevenueDay[]
}

interface Revenue {
  readonly paying_subscriptions: number
  readonly currencies: readonly CurrencyRevenue[]
  readonly sign_ups: {
    readonly total: number
    readonly before: number
    readonly days: readonly { readonly at: string; readonly count: number }[]
  }
}

interface Sums {
  readonly requests: number
  readonly errors: number
}
interface Traffic {
  readonly totals: Sums
  readonly series: readonly { readonly points: readonly (Sums & { readonly at: string })[] }[]
}

/** Revenue and sign-ups of the last days. */
export const useRevenue = (days: number) =>
  useQuery({
    queryKey: ['revenue', days],
    queryFn: ({ signal }) => read<Revenue>(`/admin/billing/revenue?days=${days}`, signal),
    refetchInterval: 60_000,
    placeholderData: (before) => before,
  })

/** How long requests took, in milliseconds. */
export interface Latency {
  readonly requests: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

const dayMs = 86_400_000
const today = (): number => Math.floor(Date.now() / dayMs) * dayMs

/** How long requests of the last days took. */
export const useLatency = (days: number) =>
  useQuery({
    queryKey: ['usage', 'latency', days],
    queryFn: ({ signal }) => {
      const from = new Date(today() - (days - 1) * dayMs).toISOString()
      return read<{
        readonly totals: Latency
        readonly points: readonly (Latency & { readonly at: string })[]
      }>(`/admin/usage/latency?granularity=day&from=${from}`, signal)
    },
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })

/** Requests and errors of the last days, and of as many days before. */
export const useTraffic = (days: number) =>
  useQuery({
    queryKey: ['usage', 'overview', days],
    queryFn: async ({ signal }) => {
      const from = (count: number): string => new Date(today() - (count - 1) * dayMs).toISOString()
      const address = '/admin/usage/series?granularity=day'
      const [now, before] = await Promise.all([
        read<Traffic>(`${address}&from=${from(days)}`, signal),
        read<Traffic>(`${address}&from=${from(2 * days)}&to=${from(days)}`, signal),
      ])
      return { totals: now.totals, before: before.totals, points: now.series[0]?.points ?? [] }
    },
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })
