import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import type { BoundKey } from './bounds-form.tsx'

/** A key as the server shows it: everything but the key itself. */
export interface Key extends BoundKey {
  readonly prefix: string
  readonly created_at: string
  readonly last_used_at: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

/** The answer that holds the whole key, which no later one does. */
export interface NewKey extends Key {
  readonly key: string
}

/** A key that somebody made without a name is called by how it begins. */
export const withNames = <Named extends { readonly name: string; readonly prefix: string }>(answer: {
  readonly keys: readonly Named[]
}) => ({ keys: answer.keys.map((key) => ({ ...key, name: key.name || `${key.prefix}…` })) })

/** The keys of the organization, the youngest first; asked for again and again while somebody waits for the first call. */
export const useKeys = (refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => read<{ readonly keys: readonly Key[] }>('/api/v1/keys', signal),
    select: withNames,
    refetchInterval,
  })
