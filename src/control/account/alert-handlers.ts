import type { ReadAlertProgress } from '#app/usage/alert-progress.ts'
import { type WatchedRouteCap, watchedRouteCaps } from '#app/usage/route-caps.ts'
import { dataAnswer } from '#core/channel/http/answer.ts'
import type { Records } from '#ports/records.ts'
import type { ControlHandler } from '../route-table.ts'
import { asMember } from './member-request.ts'

/** What the alerts of an organization need. */
export interface AlertDependencies {
  readonly alertProgress: ReadAlertProgress
  readonly engine: { readonly records: Records }
}

const mostAlerts = 50

/** How far the alerts of an organization and its caps on routes have come, by rule. */
export function alertHandlers({
  alertProgress,
  engine: { records },
}: AlertDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /api/v1/spending/alerts': asMember(async ({ actor: { organizationId } }) => {
      const where = [{ field: 'organization_id', op: 'eq', value: organizationId }] as const
      const { items } = await records.list('budget_alert', { where, limit: mostAlerts })
      const alerts = []
      for (const { watched, used, month } of await alertProgress(organizationId, items)) {
        const { id, api_key_id, route_id, measure, currency, amount } = watched
        const key = api_key_id === null ? undefined : await records.get('api_key', api_key_id)
        const route = route_id === null ? undefined : await records.get('route', route_id)
        alerts.push({
          id,
          api_key_id,
          key: key?.name ?? null,
          route_id,
          route: route?.name ?? null,
          measure,
          currency,
          amount,
          used,
          resets_at: new Date(month.end).toISOString(),
        })
      }
      return dataAnswer({ alerts })
    }),
    'GET /api/v1/spending/routes': asMember(async ({ actor: { organizationId } }) => {
      const watched: WatchedRouteCap[] = []
      const where = [{ field: 'organization_id', op: 'eq', value: organizationId }] as const
      for await (const cap of watchedRouteCaps(records, where)) watched.push(cap)
      const caps = []
      for (const { watched: one, used, month } of await alertProgress(organizationId, watched)) {
        const { id, route_id, cap, currency } = one
        const route = route_id === null ? undefined : await records.get('route', route_id)
        const resets_at = new Date(month.end).toISOString()
        caps.push({ id, route_id, route: route?.name ?? null, cap, currency, spent: used, resets_at })
      }
      return dataAnswer({ caps })
    }),
  }
}
