import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call, read, readPage, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/money-desk.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Select } from '@/ui/field.tsx'
import { Problem } from '@/ui/problem.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'

interface Plan {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly price_monthly: number
  readonly enabled: boolean
}
interface Change {
  readonly when: 'now' | 'period_end'
  readonly effective_at: string
  readonly to: { readonly plan: string }
  readonly trial_end: string | null
  readonly proration: {
    readonly currency: string
    readonly credit: number
    readonly charge: number
    readonly net: number
  } | null
}

/** Another plan for a subscription: what it does to the fees stands there before it is done. */
export function ChangePlan({
  subscription,
  isOpen,
  onClose,
}: {
  subscription: ModuleRecord
  isOpen: boolean
  onClose: () => void
}) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={text.changePlan} description={text.changePlanHelp}>
      <ChangeForm subscription={subscription} onClose={onClose} />
    </Dialog>
  )
}

function ChangeForm({ subscription, onClose }: { subscription: ModuleRecord; onClose: () => void }) {
  const client = useQueryClient()
  const [plan, setPlan] = useState('')
  const [when, setWhen] = useState<'now' | 'period_end'>('now')
  const plans = useQuery({
    queryKey: ['module', 'plan', 'offered'],
    queryFn: ({ signal }) => readPage<Plan>('/api/plans?enabled=true&limit=100', signal),
  })
  const preview = useQuery({
    queryKey: ['module', 'subscription', 'plan-change', subscription.id, plan, when],
    queryFn: ({ signal }) =>
      read<Change>(
        `/admin/billing/subscriptions/${subscription.id}/plan-change?${new URLSearchParams({ plan, when })}`,
        signal,
      ),
    enabled: plan !== '',
    retry: false,
    gcTime: 0,
  })
  const change = useMutation({
    mutationFn: () =>
      call(
        'POST',
        `/api/subscriptions/${subscription.id}/${when === 'now' ? 'change_plan' : 'schedule_plan'}`,
        { plan_id: plan },
      ),
    onSuccess: async () => {
      const name = preview.data?.to.plan ?? ''
      say(when === 'now' ? text.changed(name) : text.scheduled(name))
      onClose()
      await client.invalidateQueries({ queryKey: ['module'] })
    },
    onError: (refusal) => say(wordsOf(refusal), { isBad: true }),
  })
  const wrong = preview.error instanceof ApiError ? preview.error.problems : []
  const reasonAt = (name: string): string | undefined => wrong.find(({ field }) => field === name)?.reason
  const offered = plans.data?.rows.filter(({ id }) => id !== subscription['plan_id']) ?? []
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate()
      }}
    >
      <Field label={text.to} error={reasonAt('plan')}>
        {(control) => (
          <Select {...control} value={plan} onChange={({ target }) => setPlan(target.value)}>
            <option value="">{text.choose}</option>
            {offered.map(({ id, name, price_monthly, currency }) => (
              <option key={id} value={id}>
                {name} · {money(price_monthly, currency)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={text.begins} error={reasonAt('when')}>
        {(control) => (
          <Select
            {...control}
            value={when}
            onChange={({ target }) => setWhen(target.value === 'now' ? 'now' : 'period_end')}
          >
            <option value="now">{text.now}</option>
            <option value="period_end">{text.periodEnd}</option>
          </Select>
        )}
      </Field>
      {preview.error !== null && wrong.length === 0 ? (
        <Problem error={preview.error} />
      ) : plan !== '' && preview.data === undefined && preview.error === null ? (
        <Skeleton className="h-20" />
      ) : (
        preview.data !== undefined && <Previewed change={preview.data} />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={change.isPending} disabled={preview.data === undefined}>
          {text.changePlan}
        </Button>
      </div>
    </form>
  )
}

function Previewed({ change: { when, effective_at, proration, trial_end } }: { change: Change }) {
  const rows =
    proration === null
      ? []
      : [
          [text.credit, money(-proration.credit, proration.currency)],
          [text.charge, money(proration.charge, proration.currency)],
          [text.net, money(proration.net, proration.currency)],
        ]
  return (
    <dl
      className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5 rounded-lg bg-raised/60 p-3"
      aria-live="polite"
    >
      <dt className="text-quiet">{text.begins}</dt>
      <dd>{when === 'now' ? text.now : <Time at={effective_at} isExact />}</dd>
      {rows.map(([label, amount]) => (
        <div key={label} className="contents">
          <dt className="text-quiet">{label}</dt>
          <dd className="tabular text-right">{amount}</dd>
        </div>
      ))}
      {rows.length === 0 && <dt className="col-span-2 text-quiet">{text.noProration}</dt>}
      {trial_end !== null && (
        <>
          <dt className="text-quiet">{text.trialUntil}</dt>
          <dd>
            <Time at={trial_end} isExact />
          </dd>
        </>
      )}
    </dl>
  )
}
