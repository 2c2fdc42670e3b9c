import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/billing.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { count, money, Status, Time } from '@/ui/show.tsx'
import { Card, Meter } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import type { MonthOfUse, Plan, Subscription } from './read-billing.ts'
import { usedWords } from './used-words.ts'

/** A subscription: how it stands, what is used of it, and what its owner can do with it. */
export function SubscriptionCard({
  subscription,
  month,
  plans,
  isOwner,
}: {
  subscription: Subscription
  month: MonthOfUse | undefined
  plans: readonly Plan[]
  isOwner: boolean
}) {
  const client = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const nameOf = (id: string): string => plans.find((plan) => plan.id === id)?.name ?? id
  const undo = useMutation({
    mutationFn: () => call('POST', `/api/subscriptions/${subscription.id}/resume`, {}),
    onSuccess: () => say(text.resumed),
    onError: (error) => say(wordsOf(error), { isBad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ['billing'] }),
  })
  const act = useMutation({
    mutationFn: (action: 'cancel' | 'resume' | 'keep-plan') =>
      call('POST', `/api/subscriptions/${subscription.id}/${action}`, {}),
    onSuccess: (_, action) => {
      setAsking(false)
      if (action === 'cancel') say(text.cancelled, { undo: () => undo.mutate() })
      else say(action === 'resume' ? text.resumed : text.kept)
      return client.invalidateQueries({ queryKey: ['billing'] })
    },
    onError: (error, action) => action !== 'cancel' && say(wordsOf(error), { isBad: true }),
  })
  const { status, pending_plan_id: pending } = subscription
  const canResume = status === 'cancelled' || status === 'paused'
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          {nameOf(subscription.plan_id)} <Status value={status} />
        </span>
      }
      description={month?.api}
      actions={
        isOwner && (
          <Button
            size="small"
            look={canResume ? 'primary' : 'quiet'}
            isBusy={act.isPending}
            onClick={() => (canResume ? act.mutate('resume') : setAsking(true))}
          >
            {canResume ? text.resume : text.cancel}
          </Button>
        )
      }
    >
      <div className="grid gap-3">
        {month !== undefined && <Use month={month} />}
        <p className="text-[13px] text-quiet">
          <Ending subscription={subscription} />
        </p>
        {pending !== null && (
          <p className="flex flex-wrap items-center gap-2">
            {text.changesTo(nameOf(pending))}
            {isOwner && (
              <Button size="small" onClick={() => act.mutate('keep-plan')}>
                {text.keep}
              </Button>
            )}
          </p>
        )}
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => {
          setAsking(false)
          act.reset()
        }}
        onConfirm={() => act.mutate('cancel')}
        title={text.cancelTitle}
        verb={text.cancel}
        keep={text.keepIt}
        isBusy={act.isPending}
        error={act.error === null ? undefined : wordsOf(act.error)}
      >
        {text.cancelHelp}
      </ConfirmDialog>
    </Card>
  )
}

function Use({ month }: { month: MonthOfUse }) {
  const { units, included, overage_units: over, cost_minor: cost, currency } = month
  return (
    <div className="grid gap-1.5">
      {included !== null && (
        <Meter value={included === 0 ? 1 : units / included} label={text.usedThisMonth(month.api)} />
      )}
      <p className="flex flex-wrap justify-between gap-x-4">
        <span className="tabular">
          {usedWords(month)}
          {over > 0 && <span className="text-danger"> · {text.over(count(over))}</span>}
        </span>
        <span className="tabular text-quiet">{text.soFar(money(cost, currency))}</span>
      </p>
    </div>
  )
}

function Ending({ subscription }: { subscription: Subscription }) {
  const { status, ends_at, trial_end, current_period_end } = subscription
  if (status === 'cancelled')
    return (
      <>
        {text.servedUntil} <Time at={ends_at ?? current_period_end} isDay />.
      </>
    )
  if (status === 'trialing')
    return (
      <>
        {text.trialUntil} <Time at={trial_end} isDay />.
      </>
    )
  return (
    <>
      {text.renews} <Time at={current_period_end} isDay />.
    </>
  )
}
