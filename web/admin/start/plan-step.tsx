import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call, readPage } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/start.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { count, money } from '@/ui/show.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import type { ModuleRecord } from '../module/schema.ts'

/** Which plan new customers start with: one that is there, or one made here. */
export function PlanStep({ onDone }: { onDone: (name: string) => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['start', 'plans'],
    queryFn: ({ signal }) => readPage<ModuleRecord>('/api/plans?limit=20&sort=price_monthly', signal),
  })
  const [isMaking, setMaking] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  async function choose(plan: ModuleRecord): Promise<void> {
    try {
      if (plan['is_default'] !== true) await call('PATCH', `/api/plans/${plan.id}`, { is_default: true })
      onDone(String(plan['name']))
    } catch (refusal) {
      setFailure(refusal)
    }
  }
  if (isMaking) return <NewPlan onDone={onDone} onBack={() => setMaking(false)} />
  return (
    <div className="grid gap-3">
      <p className="text-quiet">{text.planLead}</p>
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton className="h-24" />
      ) : (
        <ul className="grid gap-2">
          {data.rows.map((plan) => (
            <li key={plan.id}>
              <button
                type="button"
                onClick={() => void choose(plan)}
                className="flex w-full flex-wrap items-center justify-between gap-x-4 rounded-md border px-3 py-2 text-left hover:border-accent hover:bg-raised/50"
              >
                <span className="font-medium">{String(plan['name'])}</span>
                <span className="text-[13px] text-quiet">{termsOf(plan)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {failure !== undefined && <Problem error={failure} />}
      <Button className="justify-self-start" onClick={() => setMaking(true)}>
        {text.makePlan}
      </Button>
    </div>
  )
}

/** What a plan costs that names no other currency. */
const currency = 'USD'

function NewPlan({ onDone, onBack }: { onDone: (name: string) => void; onBack: () => void }) {
  const start = { name: '', price_monthly: '0', requests_per_month: '1000' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    const price = minorOf(values.price_monthly, currency)
    if (price === undefined) {
      form.setError('price_monthly', { message: text.notAPrice }, { shouldFocus: true })
      return
    }
    await call('POST', '/api/plans', {
      name: values.name,
      price_monthly: price ?? 0,
      requests_per_month: wholeOr(values.requests_per_month),
      is_default: true,
    })
    onDone(values.name)
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={shared.name} error={errorOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
      <Field label={text.priceMonthly(currency)} hint={text.priceHint} error={errorOf('price_monthly')}>
        {(control) => <Input {...control} {...form.register('price_monthly')} inputMode="decimal" />}
      </Field>
      <Field label={text.requestsPerMonth} hint={text.requestsHint} error={errorOf('requests_per_month')}>
        {(control) => <Input {...control} {...form.register('requests_per_month')} inputMode="numeric" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex gap-2">
        <Button look="primary" type="submit" isBusy={isBusy}>
          {text.makePlan}
        </Button>
        <Button onClick={onBack}>{shared.back}</Button>
      </div>
    </form>
  )
}

/** A whole number, or what was typed: the server says what is wrong with it. */
const wholeOr = (typed: string): number | string => (/^-?\d+$/.test(typed.trim()) ? Number(typed) : typed)

function termsOf(plan: ModuleRecord): string {
  const requests = Number(plan['requests_per_month'])
  const monthly = Number(plan['price_monthly'])
  const price = monthly === 0 ? undefined : money(monthly, String(plan['currency']))
  return text.terms(price, requests < 0 ? undefined : count(requests))
}
