import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/billing.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { feeOf } from './plan-words.ts'
import type { Plan } from './read-billing.ts'

interface Change {
  readonly when: 'now' | 'period_end'
  readonly effective_at: string
  readonly trial_end: string | null
  readonly proration: {
    readonly currency: string
    readonly credit: number
    readonly charge: number
    readonly net: number
  } | null
}

const path = '/api/v1/billing/upgrade'

/** Shows what a change of plan costs, to the cent, before it is made. */
export function ChangeDialog({ plan, onClose }: { plan: Plan | undefined; onClose: () => void }) {
  return (
    <Dialog isOpen={plan !== undefined} onClose={onClose} title={plan ? text.changeTitle(plan.name) : ''}>
      {plan !== undefined && <Preview plan={plan} onClose={onClose} />}
    </Dialog>
  )
}

function Preview({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const client = useQueryClient()
  const preview = useQuery({
    queryKey: ['plan-change', plan.id],
    queryFn: () => call<Change>('POST', path, { plan: plan.id, preview: true }),
    gcTime: 0,
  })
  const change = useMutation({
    mutationFn: (when: Change['when']) => call<Change>('POST', path, { plan: plan.id, when }),
    onSuccess: async (done) => {
      say(done.when === 'now' ? text.changed : text.scheduled)
      onClose()
      await Promise.all(['billing', 'me'].map((key) => client.invalidateQueries({ queryKey: [key] })))
    },
  })
  if (preview.error !== null) return <Problem error={preview.error} />
  if (preview.data === undefined) return <Skeleton className="h-28" />
  const { when, effective_at, proration, trial_end } = preview.data
  return (
    <div className="grid gap-4">
      <p className="text-quiet">{when === 'now' ? text.changeNow : text.changeLater}</p>
      <dl className="grid gap-2">
        <Fact label={text.beginsAt}>
          {when === 'now' ? <Time at={effective_at} isExact /> : <Time at={effective_at} isDay />}
        </Fact>
        {proration !== null && (
          <>
            <Fact label={text.credit}>{money(-proration.credit, proration.currency)}</Fact>
            <Fact label={text.charge}>{money(proration.charge, proration.currency)}</Fact>
            <Fact label={text.net} isSum>
              {money(proration.net, proration.currency)}
            </Fact>
          </>
        )}
        <Fact label={text.perMonth}>{feeOf(plan)}</Fact>
      </dl>
      {trial_end !== null && (
        <p>
          {text.trialBegins} <Time at={trial_end} isDay />.
        </p>
      )}
      {change.error !== null && (
        <p role="alert" className="text-danger">
          {wordsOf(change.error)}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{shared.cancel}</Button>
        <Button look="primary" isBusy={change.isPending} onClick={() => change.mutate(when)}>
          {text.confirmChange}
        </Button>
      </div>
    </div>
  )
}

const Fact = ({
  label,
  isSum = false,
  children,
}: {
  label: string
  isSum?: boolean
  children: ReactNode
}) => (
  <div
    className={classNames('flex items-baseline justify-between gap-4', isSum && 'border-t pt-2 font-medium')}
  >
    <dt className={isSum ? '' : 'text-quiet'}>{label}</dt>
    <dd className="tabular shrink-0 text-right">{children}</dd>
  </div>
)
