import { Link } from '@tanstack/react-router'
import { call, problemAt } from '@/data/api.ts'
import { text } from '@/text/alerts.ts'
import { text as shared } from '@/text/en.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import { usePlans } from '../billing/read-billing.ts'
import { useUsedRoutes } from './read-alerts.ts'
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
  const used = useUsedRoutes()
  const routes = used.data?.filter(({ id }) => taken.every(({ route_id }) => route_id !== id)) ?? []
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
  if (before === undefined && used.error !== null)
    return <Problem error={used.error} onRetry={() => void used.refetch()} />
  if (before === undefined && used.data === undefined) return <Skeleton className="h-28" />
  if (before === undefined && routes.length === 0)
    return <NoRoute hasUsed={taken.length > 0} onLeave={onCancel} />
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {before === undefined && (
        <Field label={text.route} hint={text.routeHint} error={errorOf('route_id')}>
          {(control) => (
            <Select {...control} {...form.register('route_id')} autoFocus>
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

/** Nothing to choose from: says why, and what bounds the use until then. */
const NoRoute = ({ hasUsed, onLeave }: { hasUsed: boolean; onLeave: () => void }) => (
  <div className="grid gap-4">
    <p className="text-quiet">{hasUsed ? text.everyRouteCapped : text.noRouteYet}</p>
    <div className="flex justify-end gap-2">
      <Button onClick={onLeave}>{shared.close}</Button>
      <Link to="/portal/plan" className={buttonClass('primary')}>
        {text.capEverything}
      </Link>
    </div>
  </div>
)
