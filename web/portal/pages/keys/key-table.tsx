import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { text as bounds } from '@/text/key-bounds.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { count, money, Status, Time } from '@/ui/show.tsx'
import type { Key } from './read-keys.ts'

/** What can be done with a key. */
export interface KeyDeeds {
  readonly onBound: ((key: Key) => void) | undefined
  readonly onRotate: (key: Key) => void
  readonly onRevoke: (key: Key) => void
}

/** The keys, with what each was used for in the last thirty days. */
export function KeyTable({
  rows,
  currency,
  deeds,
}: {
  rows: readonly Key[] | undefined
  currency: string
  deeds: KeyDeeds
}) {
  const used = useKeyUse()
  return (
    <DataTable
      stacks
      label={text.keys}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          heading: text.keyName,
          cell: ({ name, prefix }) => (
            <>
              <span className="font-medium">{name}</span>
              <code className="block text-[13px] text-quiet">{prefix}…</code>
            </>
          ),
        },
        { key: 'status', heading: text.status, cell: (key) => <Status value={stateOf(key)} /> },
        {
          key: 'use',
          heading: text.requestsLately,
          isNumber: true,
          cell: ({ id }) => count(used?.get(id) ?? 0),
        },
        { key: 'bounds', heading: bounds.bounds, cell: (key) => boundsOf(key, currency) },
        { key: 'made', heading: text.created, cell: (key) => <Time at={key.created_at} /> },
        {
          key: 'used',
          heading: text.lastUsed,
          cell: (key) => <Time at={key.last_used_at} none={text.never} />,
        },
        {
          key: 'expires',
          heading: text.expires,
          cell: (key) => <Time at={key.expires_at} none={text.never} />,
        },
        {
          key: 'do',
          heading: '',
          cell: (key) => stateOf(key) === text.active && <Deeds of={key} {...deeds} />,
        },
      ]}
    />
  )
}

const Deeds = ({ of, onBound, onRotate, onRevoke }: KeyDeeds & { of: Key }) => (
  <span className="flex justify-end gap-1">
    {onBound !== undefined && (
      <Button size="small" onClick={() => onBound(of)}>
        {bounds.bounds}
      </Button>
    )}
    <Button size="small" onClick={() => onRotate(of)}>
      {text.rotate}
    </Button>
    <Button size="small" look="danger" onClick={() => onRevoke(of)}>
      {text.revoke}
    </Button>
  </span>
)

const stateOf = ({ revoked_at, expires_at }: Key): string => {
  if (revoked_at !== null) return text.revoked
  return expires_at !== null && Date.parse(expires_at) <= Date.now() ? text.expired : text.active
}

function boundsOf({ limits, spend_cap }: Key, currency: string): string {
  const words = [
    ...(limits ?? []).map(({ limit, window_seconds: seconds }) => bounds.limit(count(limit), seconds)),
    ...(spend_cap === null ? [] : [bounds.capOf(money(spend_cap, currency))]),
  ]
  return words.length === 0 ? bounds.asPlan : words.join(' · ')
}

interface KeyUse {
  readonly keys: readonly { readonly id: string | null; readonly requests: number }[]
}

function useKeyUse(): ReadonlyMap<string | null, number> | undefined {
  const { data } = useQuery({
    queryKey: ['usage', 'keys'],
    queryFn: ({ signal }) => read<KeyUse>('/api/v1/dashboard/api-keys', signal),
    staleTime: 60_000,
  })
  return data === undefined ? undefined : new Map(data.keys.map(({ id, requests }) => [id, requests]))
}
