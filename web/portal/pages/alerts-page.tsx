import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/alerts.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { Problem } from '@/ui/problem.tsx'
import { count, money, Time } from '@/ui/show.tsx'
import { Empty, Meter, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMe } from '../session.ts'
import { AlertForm } from './alerts/alert-form.tsx'
import { CapsCard } from './alerts/caps-card.tsx'
import { type Alert, useAlerts } from './alerts/read-alerts.ts'

/** What owners hear of before it is too late. */
export function AlertsPage() {
  const client = useQueryClient()
  const role = useMe()?.user.role
  const isAdmin = role === 'owner' || role === 'admin'
  const list = useAlerts()
  const [isMaking, setMaking] = useState(false)
  const alerts = list.data?.alerts
  const makeButton = isAdmin && (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={15} aria-hidden /> {text.newAlert}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={text.alerts}
        description={text.lead}
        actions={(alerts?.length ?? 0) > 0 && makeButton}
      />
      <div className="grid grid-cols-1 gap-5">
        {list.error !== null ? (
          <Problem error={list.error} onRetry={() => void list.refetch()} />
        ) : alerts === undefined ? (
          <Skeleton className="h-32" />
        ) : alerts.length === 0 ? (
          <Empty title={text.none} action={makeButton}>
            {text.noneHelp}
          </Empty>
        ) : (
          <ul className="grid grid-cols-1 gap-3 lg:grid-cols-2">
            {alerts.map((alert) => (
              <AlertCard key={alert.id} alert={alert} mayRemove={isAdmin} />
            ))}
          </ul>
        )}
        <CapsCard mayChange={isAdmin} />
      </div>
      <Dialog isOpen={isMaking} onClose={() => setMaking(false)} title={text.newAlert}>
        <AlertForm
          onCancel={() => setMaking(false)}
          onDone={() => {
            setMaking(false)
            say(text.made)
            void client.invalidateQueries({ queryKey: ['alerts'] })
          }}
        />
      </Dialog>
    </>
  )
}

function AlertCard({ alert, mayRemove }: { alert: Alert; mayRemove: boolean }) {
  const client = useQueryClient()
  const setAgain = useMutation({
    mutationFn: () => call('POST', '/api/budget_alerts', wishOf(alert)),
    onError: (error) => say(wordsOf(error), { isBad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  })
  const remove = useMutation({
    mutationFn: ({ id }: Alert) => call('DELETE', `/api/budget_alerts/${id}`),
    ...optimistic<{ readonly alerts: readonly Alert[] }, Alert>(client, ['alerts'], (known, gone) => ({
      ...known,
      alerts: known.alerts.filter(({ id }) => id !== gone.id),
    })),
    onSuccess: () => say(text.removed, { undo: () => setAgain.mutate() }),
  })
  const { used, amount, measure, currency, resets_at } = alert
  const words =
    measure === 'units'
      ? text.unitsOf(count(used), count(amount))
      : text.spendOf(money(used, currency ?? 'USD'), money(amount, currency ?? 'USD'))
  return (
    <li className="grid min-w-0 grid-cols-1 gap-2 rounded-lg border bg-surface p-4">
      <p className="flex items-center justify-between gap-2">
        <span className="min-w-0 truncate font-semibold">{nameOf(alert)}</span>
        {mayRemove && (
          <Button size="small" look="quiet" onClick={() => remove.mutate(alert)}>
            {text.remove}
          </Button>
        )}
      </p>
      <Meter value={used / amount} label={`${nameOf(alert)}: ${words}`} />
      <p className="flex flex-wrap justify-between gap-x-4 text-[13px]">
        <span className="tabular">{words}</span>
        <span className="text-quiet">
          {text.beginsAgain} <Time at={resets_at} isDay />
        </span>
      </p>
    </li>
  )
}

/** The same alert as a wish. */
const wishOf = ({ measure, amount, currency, api_key_id, route_id }: Alert) => ({
  measure,
  amount,
  ...(currency === null ? {} : { currency }),
  ...(api_key_id === null ? {} : { api_key_id }),
  ...(route_id === null ? {} : { route_id }),
})

function nameOf({ api_key_id, key, route_id, route }: Alert): string {
  const parts = [
    ...(api_key_id === null ? [] : [text.ofKey(key || api_key_id)]),
    ...(route_id === null ? [] : [text.ofRoute(route || route_id)]),
  ]
  return parts.length === 0 ? text.everything : parts.join(' · ')
}
