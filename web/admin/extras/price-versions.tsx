import { useQuery } from '@tanstack/react-query'
import { readPage } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { Banner } from '@/ui/surface.tsx'
import type { ModuleRecord } from '../module/schema.ts'

/** A price that a plan had or has, for those who bought it. */
export type PriceVersion = ModuleRecord & { readonly version: number; readonly created_at: string }

/** The price versions of a plan, the youngest first. */
export const usePriceVersions = (planId: string) =>
  useQuery({
    queryKey: ['module', 'price_version', planId],
    queryFn: async ({ signal }) => {
      const address = `/api/price_versions?plan_id=${encodeURIComponent(planId)}&sort=-version&limit=50`
      return (await readPage<PriceVersion>(address, signal)).rows
    },
  })

/** In words: what a new price does to those who have the plan. */
export function Subscribers({ plan }: { plan: ModuleRecord }) {
  const { data } = useQuery({
    queryKey: ['module', 'subscription', 'on plan', plan.id],
    queryFn: ({ signal }) =>
      readPage<ModuleRecord>(
        `/api/subscriptions?plan_id=${encodeURIComponent(plan.id)}&status[ne]=ended&count=true&limit=1`,
        signal,
      ),
  })
  return <Banner tone="warning">{data === undefined ? text.effect : text.effectOn(data.total ?? 0)}</Banner>
}
