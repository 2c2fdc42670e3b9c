import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { read } from '@/data/api.ts'
import { text } from '@/text/alerts.ts'
import { text as bounds } from '@/text/key-bounds.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { money } from '@/ui/show.tsx'
import { Card, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { usePlans, useSpending } from '../billing/read-billing.ts'
import { BoundsForm } from '../keys/bounds-form.tsx'
import { type Key, useKeys } from '../keys/read-keys.ts'
import { CapRow } from './cap-row.tsx'
import { type RouteCap, RouteCapRow } from './route-cap.tsx'
import { RouteCapForm } from './route-cap-form.tsx'

/** Everything that refuses calls once it has cost so much: all of the use, keys and routes. Admins set it. */
export function CapsCard({ mayChange }: { mayChange: boolean }) {
  const [edited, setEdited] = useState<RouteCap | 'new'>()
  const list = useQuery({
    queryKey: ['route-caps'],
    queryFn: ({ signal }) => read<{ readonly caps: readonly RouteCap[] }>('/api/v1/spending/routes', signal),
  })
  const caps = list.data?.caps
  return (
    <Card
      title={text.caps}
      description={text.capsHelp}
      actions={
        mayChange && (
          <span className="flex flex-wrap gap-2">
            <Button size="small" onClick={() => setEdited('new')}>
              <Plus size={14} aria-hidden /> {text.newRouteCap}
            </Button>
            <Link to="/portal/keys" className={buttonClass('plain', 'small')}>
              {text.capKey}
            </Link>
          </span>
        )
      }
    >
      <ul className="grid grid-cols-1 divide-y">
        <Everything mayChange={mayChange} />
        <KeyCaps mayChange={mayChange} />
        {list.error === null &&
          caps?.map((cap) => (
            <RouteCapRow key={cap.id} cap={cap} onChange={mayChange ? () => setEdited(cap) : undefined} />
          ))}
      </ul>
      {list.error !== null && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      <RouteCapDialog edited={edited} taken={caps ?? []} onClose={() => setEdited(undefined)} />
    </Card>
  )
}

function Everything({ mayChange }: { mayChange: boolean }) {
  const { data, error, refetch } = useSpending()
  const currency = usePlans().data?.find(({ is_current }) => is_current)?.currency ?? 'USD'
  if (data === undefined)
    return (
      <li className="py-3 first:pt-0 last:pb-0">
        {error === null ? (
          <Skeleton className="h-12" />
        ) : (
          <Problem error={error} onRetry={() => void refetch()} />
        )}
      </li>
    )
  const { cap, spent, resets_at } = data
  const used = spent.find((one) => one.currency === currency)?.amount ?? 0
  return (
    <CapRow
      name={text.everything}
      words={
        cap === null
          ? text.spentNoCap(money(used, currency))
          : text.spendOf(money(used, currency), money(cap, currency))
      }
      {...(cap === null ? {} : { share: cap === 0 ? 1 : used / cap })}
      resetsAt={resets_at}
    >
      {mayChange && (
        <Link to="/portal/plan" className={buttonClass('quiet', 'small')}>
          {cap === null ? text.setCap : text.change}
        </Link>
      )}
    </CapRow>
  )
}

/** Keys with a cap of their own; the others are found where keys are. */
function KeyCaps({ mayChange }: { mayChange: boolean }) {
  const keys = useKeys().data?.keys
  const currency = usePlans().data?.find(({ is_current }) => is_current)?.currency ?? 'USD'
  const [edited, setEdited] = useState<Key>()
  const close = (): void => setEdited(undefined)
  return (
    <>
      {keys?.map(
        (key) =>
          key.revoked_at === null &&
          key.spend_cap !== null && (
            <CapRow
              key={key.id}
              name={text.ofKey(key.name)}
              words={text.mostAMonth(money(key.spend_cap, currency))}
            >
              {mayChange && (
                <Button size="small" look="quiet" onClick={() => setEdited(key)}>
                  {text.change}
                </Button>
              )}
            </CapRow>
          ),
      )}
      <Dialog
        isOpen={edited !== undefined}
        onClose={close}
        title={bounds.boundsOf(edited?.name ?? '')}
        description={bounds.help}
      >
        {edited !== undefined && <BoundsForm boundKey={edited} onClose={close} />}
      </Dialog>
    </>
  )
}

function RouteCapDialog({
  edited,
  taken,
  onClose,
}: {
  edited: RouteCap | 'new' | undefined
  taken: readonly RouteCap[]
  onClose: () => void
}) {
  const client = useQueryClient()
  const title = edited === 'new' ? text.newRouteCap : text.changeRouteCap
  return (
    <Dialog isOpen={edited !== undefined} onClose={onClose} title={title}>
      {edited !== undefined && (
        <RouteCapForm
          before={edited === 'new' ? undefined : edited}
          taken={taken}
          onCancel={onClose}
          onDone={() => {
            onClose()
            say(text.routeCapSet)
            void client.invalidateQueries({ queryKey: ['route-caps'] })
          }}
        />
      )}
    </Dialog>
  )
}
