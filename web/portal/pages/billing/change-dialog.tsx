import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/billing.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
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
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-2">
        <dt className="text-quiet">{text.beginsAt}</dt>
        <dd className="text-right">
          <Time at={effective_at} isExact />
        </dd>
        {proration !== null && (
          <>
            <dt className="text-quiet">{text.credit}</dt>
            <dd className="tabular text-right">{money(-proration.credit, proration.currency)}</dd>
            <dt className="text-quiet">{text.charge}</dt>
            <dd className="tabular text-right">{money(proration.charge, proration.currency)}</dd>
            <dt className="font-medium">{text.net}</dt>
            <dd className="tabular text-right font-medium">{money(proration.net, proration.currency)}</dd>
          </>
        )}
        <dt className="text-quiet">{text.perMonth}</dt>
        <dd className="tabular text-right">{feeOf(plan)}</dd>
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
