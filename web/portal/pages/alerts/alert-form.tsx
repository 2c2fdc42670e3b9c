import { problemAt } from '@/data/api.ts'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text } from '@/text/alerts.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { usePlans } from '../billing/read-billing.ts'
import { useKeyNames, useUsedRoutes } from './read-alerts.ts'

/** Makes an alert on everything, on one key or on one route. */
export function AlertForm({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }) {
  const keys = useKeyNames()
  const routes = useUsedRoutes().data ?? []
  const currency = usePlans().data?.find(({ is_current }) => is_current)?.currency ?? 'USD'
  const callOnce = useCallOnce()
  const start = { on: '', measure: 'units', amount: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async ({ on, measure, amount }) => {
    const isSpend = measure === 'spend'
    const [kind = '', id] = on.split(' ')
    await callOnce('POST', '/api/budget_alerts', {
      measure,
      amount: amountOf(amount, isSpend ? currency : undefined),
      ...(isSpend ? { currency } : {}),
      ...(kind === '' ? {} : { [kind]: id }),
    })
    onDone()
  })
  const isSpend = form.watch('measure') === 'spend'
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.on} error={errorOf('on')}>
        {(control) => (
          <Select {...control} {...form.register('on')}>
            <option value="">{text.everything}</option>
            {keys.map(({ id, name }) => (
              <option key={id} value={`api_key_id ${id}`}>
                {text.ofKey(name)}
              </option>
            ))}
            {routes.map(({ id, name }) => (
              <option key={id} value={`route_id ${id}`}>
                {text.ofRoute(name)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={text.counts} {...(isSpend ? { hint: text.spendHint } : {})} error={errorOf('measure')}>
        {(control) => (
          <Select {...control} {...form.register('measure')}>
            <option value="units">{text.units}</option>
            <option value="spend">{text.spend}</option>
          </Select>
        )}
      </Field>
      <Field label={isSpend ? text.amountSpend(currency) : text.amountUnits} error={errorOf('amount')}>
        {(control) => (
          <Input {...control} {...form.register('amount')} inputMode="decimal" autoComplete="off" />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {shared.create}
        </Button>
      </div>
    </form>
  )
}

/** What was typed as units, or as minor units of a currency; what is none is said at its field. */
function amountOf(typed: string, currency: string | undefined): number {
  const amount =
    currency === undefined
      ? /^\d{1,15}$/.test(typed.trim())
        ? Number(typed)
        : undefined
      : minorOf(typed, currency)
  if (typeof amount === 'number' && amount > 0) return amount
  throw problemAt('amount', currency === undefined ? text.invalidUnits : text.invalidAmount)
}
