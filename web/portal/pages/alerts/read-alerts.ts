import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { withNames } from '../keys/read-keys.ts'

/** An alert, and how far use has come. */
export interface Alert {
  readonly id: string
  readonly key: string | null
  readonly route: string | null
  readonly api_key_id: string | null
  readonly route_id: string | null
  readonly measure: 'units' | 'spend'
  readonly currency: string | null
  readonly amount: number
  readonly used: number
  readonly resets_at: string
}

/** What an alert can be set on beside everything. */
interface Named {
  readonly id: string
  readonly name: string
}

export const useAlerts = () =>
  useQuery({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => read<{ readonly alerts: readonly Alert[] }>('/api/v1/spending/alerts', signal),
  })

/** The keys of the organization that are in use. */
export const useKeyNames = (): readonly Named[] =>
  useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) =>
      read<{ readonly keys: readonly (Named & { readonly prefix: string; readonly is_active: boolean })[] }>(
        '/api/v1/keys',
        signal,
      ),
    select: withNames,
  }).data?.keys.filter(({ is_active }) => is_active) ?? []

const monthMs = 30 * 86_400_000

/** The routes that the organization used in the last thirty days: those that it knows. */
export const useUsedRoutes = () =>
  useQuery({
    queryKey: ['used-routes'],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({
        from: new Date(Date.now() - monthMs).toISOString(),
        granularity: 'day',
        group_by: 'route',
      })
      return read<{ readonly series: readonly { readonly id: string | null; readonly name: string }[] }>(
        `/api/v1/dashboard/usage-graph?${query}`,
        signal,
      )
    },
    staleTime: 60_000,
    select: ({ series }): readonly Named[] =>
      series.flatMap(({ id, name }) => (id === null || id === '' ? [] : [{ id, name }])),
  })
