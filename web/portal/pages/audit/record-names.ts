import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { usePlans } from '../billing/read-billing.ts'
import { useKeys } from '../keys/read-keys.ts'
import type { AuditEntry } from './audit-dialog.tsx'

/** Somebody of the organization, as the log's filter offers them. */
export interface Member {
  readonly id: string
  readonly full_name: string
  readonly email: string
}

/** The members of the organization. */
export const useMembers = (): readonly Member[] =>
  useQuery({
    queryKey: ['team'],
    queryFn: ({ signal }) => read<{ readonly members: readonly Member[] }>('/api/v1/team/members', signal),
  }).data?.members ?? []

/** What a person calls a record; undefined of one that has no name, or is gone with it. */
export type NameOf = (id: string) => string | undefined

/** Names by what the organization has now and by what the log itself says of records that are gone. */
export function useRecordNames(entries: readonly AuditEntry[]): NameOf {
  const members = useMembers()
  const keys = useKeys().data?.keys ?? []
  const plans = usePlans().data ?? []
  const names = new Map<string, string>([
    ...members.map(({ id, full_name, email }) => [id, full_name || email] as const),
    ...keys.map(({ id, name }) => [id, name] as const),
    ...plans.map(({ id, name }) => [id, name] as const),
  ])
  for (const { record_id: id, changes } of entries)
    if (id !== null && !names.has(id)) note(names, id, ownName(changes))
  // What has no name of its own is called by what it is about.
  for (const { record_id: id, changes } of entries)
    if (id !== null && !names.has(id)) note(names, id, names.get(textIn(changes, about) ?? ''))
  return (id) => names.get(id)
}

const named = ['name', 'number', 'url', 'email'] as const
const about = ['user_id', 'plan_id', 'invoice_id', 'api_key_id'] as const

function ownName(changes: AuditEntry['changes']): string | undefined {
  const lastDigits = textIn(changes, ['last4'])
  return lastDigits === undefined ? textIn(changes, named) : `···· ${lastDigits}`
}

/** The first of these fields that an entry tells a text of: as it was left, else as it was found. */
function textIn(changes: AuditEntry['changes'], fields: readonly string[]): string | undefined {
  for (const field of fields) {
    const { after, before } = (changes[field] ?? {}) as { after?: unknown; before?: unknown }
    const value = after ?? before
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

function note(names: Map<string, string>, id: string, name: string | undefined): void {
  if (name !== undefined) names.set(id, name)
}
