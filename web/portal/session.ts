import { useQuery, useQueryClient } from '@tanstack/react-query'
import { call, read } from '@/data/api.ts'

/** Who is signed in to the customers' pages, and for which organization. */
export interface PortalSession {
  readonly user: {
    readonly id: string
    readonly email: string
    readonly full_name: string
    readonly role: 'owner' | 'admin' | 'member' | null
    readonly email_verified: boolean
    readonly two_factor_enabled: boolean
  }
  readonly organization: {
    readonly id: string
    readonly name: string
    readonly email: string | null
    readonly plan: string | null
    readonly status: string
  } | null
  /** An operator who acts in the place of this person, and until when. */
  readonly impersonation?: {
    readonly operator_id: string
    readonly reason: string
    readonly is_read_only: boolean
    readonly expires_at: string
  } | null
}

export const meQuery = {
  queryKey: ['me'],
  queryFn: ({ signal }: { signal: AbortSignal }) => read<PortalSession>('/api/v1/auth/me', signal),
  staleTime: 60_000,
} as const

/** Who is signed in; undefined until that is known. */
export const useMe = (): PortalSession | undefined => useQuery(meQuery).data

/** Ends the session and forgets everything that was read in it. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await call('POST', '/api/v1/auth/logout', {}).catch(() => undefined)
    client.clear()
    location.assign('/portal/sign-in')
  }
}
