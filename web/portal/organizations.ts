import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { call, read } from '@/data/api.ts'

/** An organization that somebody belongs to. */
export interface Organization {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly status: string
  readonly role: 'owner' | 'admin' | 'member'
  readonly is_active: boolean
}

/** The organizations of who is signed in. */
export const useOrganizations = (): UseQueryResult<readonly Organization[]> =>
  useQuery({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => read<readonly Organization[]>('/api/v1/organizations', signal),
  })

/** Lets this browser act in another organization; everything that was read before is read anew. */
export async function switchTo(id: string, path = '/portal'): Promise<void> {
  await call('POST', `/api/v1/organizations/${id}/switch`, {})
  location.assign(path)
}
