import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { ApiError, call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/billing.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Card, Meter, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { type Spending, useSpending } from './read-billing.ts'

/** What use has cost this month, and the most that it may cost. */
export function SpendingCard({ currency, mayCap }: { currency: string; mayCap: boolean }) {
  const spending = useSpending()
  return (
    <Card title={text.spending} description={text.spendingLead}>
      {spending.error !== null ? (
        <Problem error={spending.error} onRetry={() => void spending.refetch()} />
      ) : spending.data === undefined ? (
        <Skeleton className="h-16" />
      ) : (
        <div className="grid gap-4">
          <Spent spending={spending.data} currency={currency} />
          {mayCap && <CapForm key={spending.data.cap} cap={spending.data.cap} currency={currency} />}
        </div>
      )}
    </Card>
  )
}

function Spent({ spending, currency }: { spending: Spending; currency: string }) {
  const { cap, resets_at: resetsAt } = spending
  const spent = spending.spent.length > 0 ? spending.spent : [{ currency, amount: 0 }]
  return (
    <div className="grid gap-2">
      {spent.map(({ currency: one, amount }) => (
        <div key={one} className="grid gap-1.5">
          {cap !== null && <Meter value={cap === 0 ? 1 : amount / cap} label={`${text.spent} ${one}`} />}
          <p className="flex flex-wrap justify-between gap-x-4">
            <span className="tabular">
              {cap === null
                ? `${money(amount, one)} · ${text.noCap}`
                : text.ofCap(money(amount, one), money(cap, one))}
            </span>
            <span className="text-quiet">
              {text.resets} <Time at={resetsAt} isDay />
            </span>
          </p>
        </div>
      ))}
    </div>
  )
}

function CapForm({ cap, currency }: { cap: number | null; currency: string }) {
  const client = useQueryClient()
  const start = { cap: cap === null ? '' : majorText(cap, currency) }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    const amount = minorOf(values.cap, currency)
    if (amount === undefined)
      throw new ApiError(400, {
        type: 'validation_error',
        message: text.invalidAmount,
        details: { field: 'cap', reason: text.invalidAmount },
      })
    await call('PUT', '/api/v1/spending/cap', { cap: amount })
    say(text.capSet, { undo: () => void setBack(client, cap) })
    await client.invalidateQueries({ queryKey: ['billing', 'spending'] })
  })
  return (
    <form className="grid max-w-sm gap-3 border-t pt-4" onSubmit={submit} noValidate>
      <Field label={`${text.cap} (${currency})`} hint={text.capHint} error={errorOf('cap')}>
        {(control) => <Input {...control} {...form.register('cap')} inputMode="decimal" autoComplete="off" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <Button type="submit" isBusy={isBusy} className="justify-self-start">
        {text.setCap}
      </Button>
    </form>
  )
}

/** Sets the cap that there was before. */
const setBack = (client: QueryClient, cap: number | null): Promise<void> =>
  call('PUT', '/api/v1/spending/cap', { cap })
    .catch((error: unknown) => say(wordsOf(error), { isBad: true }))
    .then(() => client.invalidateQueries({ queryKey: ['billing', 'spending'] }))
