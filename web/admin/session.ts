import { useQuery, useQueryClient } from '@tanstack/react-query'
import { call, read } from '@/data/api.ts'

/** Who is signed in to the operators' pages. */
export interface OperatorSession {
  readonly id: string
  readonly role: 'superadmin' | 'billing' | 'support'
  readonly operator: {
    readonly email: string
    readonly name: string
    readonly totp_enabled_at: string | null
  }
}

export const meQuery = {
  queryKey: ['admin', 'me'],
  queryFn: ({ signal }: { signal: AbortSignal }) => read<OperatorSession>('/admin/me', signal),
  staleTime: 60_000,
} as const

/** The operator who is signed in; undefined until that is known. */
export const useOperator = (): OperatorSession | undefined => useQuery(meQuery).data

/** Ends the session and forgets everything that was read in it. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await call('POST', '/admin/logout').catch(() => undefined)
    client.clear()
    location.assign('/ui/sign-in')
  }
}
