import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { call, read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/alerts.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Card, Meter, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { RouteCapForm } from './route-cap-form.tsx'

/** A cap on what one route may cost, and how far use has come. */
export interface RouteCap {
  readonly id: string
  readonly route_id: string
  readonly route: string | null
  readonly cap: number
  readonly currency: string
  readonly spent: number
  readonly resets_at: string
}

/** What refuses calls of one route once it has cost so much; admins set it. */
export function RouteCaps({ mayChange }: { mayChange: boolean }) {
  const client = useQueryClient()
  const list = useQuery({
    queryKey: ['route-caps'],
    queryFn: ({ signal }) => read<{ readonly caps: readonly RouteCap[] }>('/api/v1/spending/routes', signal),
  })
  const [edited, setEdited] = useState<RouteCap | 'new'>()
  const caps = list.data?.caps
  const title = edited === 'new' ? text.newRouteCap : text.changeRouteCap
  return (
    <Card
      title={text.routeCaps}
      description={text.routeCapsHelp}
      actions={
        mayChange && (
          <Button size="small" onClick={() => setEdited('new')}>
            <Plus size={14} aria-hidden /> {text.newRouteCap}
          </Button>
        )
      }
    >
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : caps === undefined ? (
        <Skeleton className="h-12" />
      ) : caps.length === 0 ? (
        <p className="text-quiet">{text.noRouteCap}</p>
      ) : (
        <ul className="grid grid-cols-1 gap-4">
          {caps.map((cap) => (
            <CapRow key={cap.id} cap={cap} onChange={mayChange ? () => setEdited(cap) : undefined} />
          ))}
        </ul>
      )}
      <Dialog isOpen={edited !== undefined} onClose={() => setEdited(undefined)} title={title}>
        {edited !== undefined && (
          <RouteCapForm
            before={edited === 'new' ? undefined : edited}
            taken={caps ?? []}
            onCancel={() => setEdited(undefined)}
            onDone={() => {
              setEdited(undefined)
              say(text.routeCapSet)
              void client.invalidateQueries({ queryKey: ['route-caps'] })
            }}
          />
        )}
      </Dialog>
    </Card>
  )
}

function CapRow({ cap, onChange }: { cap: RouteCap; onChange: (() => void) | undefined }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => call('DELETE', `/api/route_caps/${cap.id}`),
    onSuccess: () => {
      say(text.routeCapRemoved)
      return client.invalidateQueries({ queryKey: ['route-caps'] })
    },
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  const name = cap.route || cap.route_id
  const words = text.spendOf(money(cap.spent, cap.currency), money(cap.cap, cap.currency))
  return (
    <li className="grid min-w-0 grid-cols-1 gap-2">
      <p className="flex items-center justify-between gap-2">
        <span className="min-w-0 truncate font-semibold">{text.ofRoute(name)}</span>
        {onChange !== undefined && (
          <span className="flex shrink-0 gap-1">
            <Button size="small" look="quiet" onClick={onChange}>
              {text.change}
            </Button>
            <Button size="small" look="quiet" isBusy={remove.isPending} onClick={() => remove.mutate()}>
              {text.remove}
            </Button>
          </span>
        )}
      </p>
      <Meter value={cap.cap === 0 ? 1 : cap.spent / cap.cap} label={`${text.ofRoute(name)}: ${words}`} />
      <p className="flex flex-wrap justify-between gap-x-4 text-[13px]">
        <span className="tabular">{words}</span>
        <span className="text-quiet">
          {text.beginsAgain} <Time at={cap.resets_at} />
        </span>
      </p>
    </li>
  )
}
