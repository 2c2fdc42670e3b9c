import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'

/** A way to sign in with an account elsewhere. */
export interface Provider {
  readonly provider: string
  readonly label: string
  readonly start_url: string
}

/** The ways that this instance offers; none until that is known, and where it cannot be. */
export function useProviders(): readonly Provider[] {
  const { data } = useQuery({
    queryKey: ['providers'],
    queryFn: ({ signal }) => read<{ readonly providers: readonly Provider[] }>('/api/v1/auth/oauth', signal),
    staleTime: 300_000,
  })
  return data?.providers ?? []
}
