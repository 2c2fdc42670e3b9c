import { ApiError, call } from '@/data/api.ts'
import { text } from '@/text/alerts.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { usePlans } from '../billing/read-billing.ts'
import { useRouteNames } from './read-alerts.ts'
import type { RouteCap } from './route-cap.tsx'

/** Sets a cap on one of the routes that the organization uses, or changes one. */
export function RouteCapForm({
  before,
  taken,
  onDone,
  onCancel,
}: {
  before: RouteCap | undefined
  taken: readonly RouteCap[]
  onDone: () => void
  onCancel: () => void
}) {
  const routes = useRouteNames().filter(({ id }) => taken.every(({ route_id }) => route_id !== id))
  const planCurrency = usePlans().data?.find(({ is_current }) => is_current)?.currency ?? 'USD'
  const currency = before?.currency ?? planCurrency
  const start = { route_id: '', cap: before === undefined ? '' : majorText(before.cap, currency) }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (typed) => {
    const cap = minorOf(typed.cap, currency)
    if (typeof cap !== 'number') throw problemAt('cap', text.invalidAmount)
    if (before !== undefined) await call('PATCH', `/api/route_caps/${before.id}`, { cap })
    else if (typed.route_id === '') throw problemAt('route_id', text.chooseRoute)
    else await call('POST', '/api/route_caps', { route_id: typed.route_id, cap })
    onDone()
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {before === undefined && (
        <Field label={text.route} hint={text.routeHint} error={errorOf('route_id')}>
          {(control) => (
            <Select {...control} {...form.register('route_id')}>
              <option value="">{text.chooseRoute}</option>
              {routes.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <Field label={text.amountSpend(currency)} hint={text.routeCapHint} error={errorOf('cap')}>
        {(control) => <Input {...control} {...form.register('cap')} inputMode="decimal" autoComplete="off" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {shared.save}
        </Button>
      </div>
    </form>
  )
}

const problemAt = (field: string, reason: string): ApiError =>
  new ApiError(400, { type: 'validation_error', message: reason, details: { field, reason } })
