import { useQueryClient } from '@tanstack/react-query'
import { ApiError, call, problemAt } from '@/data/api.ts'
import { text as billing } from '@/text/billing.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/key-bounds.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { usePlans } from '../billing/read-billing.ts'

/** A limit as the server keeps it. */
interface Limit {
  readonly name: string
  readonly limit: number
  readonly window_seconds?: number
}

/** A key with what bounds it. */
export interface BoundKey {
  readonly id: string
  readonly name: string
  readonly limits: readonly Limit[] | null
  readonly spend_cap: number | null
}

const ours = 'per_minute'

/** Bounds a key by requests a minute and by what it may cost; what else bounds it stays. */
export function BoundsForm({ boundKey, onClose }: { boundKey: BoundKey; onClose: () => void }) {
  const plans = usePlans()
  if (plans.error !== null) return <Problem error={plans.error} onRetry={() => void plans.refetch()} />
  if (plans.data === undefined) return <Skeleton className="h-32" />
  const currency = plans.data.find(({ is_current }) => is_current)?.currency ?? 'USD'
  return <Form boundKey={boundKey} currency={currency} onClose={onClose} />
}

function Form({
  boundKey,
  currency,
  onClose,
}: {
  boundKey: BoundKey
  currency: string
  onClose: () => void
}) {
  const client = useQueryClient()
  const limits = boundKey.limits ?? []
  const others = limits.filter(({ name }) => name !== ours)
  const start = {
    per_minute: String(limits.find(({ name }) => name === ours)?.limit ?? ''),
    spend_cap: boundKey.spend_cap === null ? '' : majorText(boundKey.spend_cap, currency),
  }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    const cap = minorOf(values.spend_cap, currency)
    if (cap === undefined) throw problemAt('spend_cap', billing.invalidAmount)
    const wanted = [...others, ...ownLimit(values.per_minute)]
    try {
      await call('PATCH', `/api/v1/keys/${boundKey.id}`, {
        limits: wanted.length === 0 ? null : wanted,
        spend_cap: cap,
      })
    } catch (error) {
      throw ownPlace(error, others.length)
    }
    say(shared.saved)
    onClose()
    await client.invalidateQueries({ queryKey: ['keys'] })
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.perMinute} error={errorOf('per_minute')} isOptional>
        {(control) => (
          <Input {...control} {...form.register('per_minute')} inputMode="numeric" autoComplete="off" />
        )}
      </Field>
      <Field label={`${text.cap} (${currency})`} hint={text.capHint} error={errorOf('spend_cap')} isOptional>
        {(control) => (
          <Input {...control} {...form.register('spend_cap')} inputMode="decimal" autoComplete="off" />
        )}
      </Field>
      {others.length > 0 && <p className="text-quiet">{text.others}</p>}
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {shared.save}
        </Button>
      </div>
    </form>
  )
}

function ownLimit(typed: string): readonly Limit[] {
  if (typed.trim() === '') return []
  if (!/^[1-9]\d{0,8}$/.test(typed.trim())) throw problemAt('per_minute', text.invalidNumber)
  return [{ name: ours, limit: Number(typed.trim()), window_seconds: 60 }]
}

/** The server names a limit by its place in the list; ours is the last one, and has a field. */
function ownPlace(error: unknown, place: number): unknown {
  if (!(error instanceof ApiError)) return error
  const own = error.problems.find(({ field }) => field.startsWith(`limits[${place}]`))
  return own === undefined ? error : problemAt('per_minute', own.reason)
}
