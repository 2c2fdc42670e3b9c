import { type Refusal, refuse } from '#contract/outcome.ts'
import type { RouteMatch, RouteQuery } from '#domain/route/table.ts'
import type { RoutePlans } from '#ports/route-plans.ts'
import type { RouteEntry, Snapshot } from '#ports/snapshot.ts'
import type { Inbound } from './inbound.ts'
import type { RequestHead } from './request-head.ts'
import type { RequestTarget } from './request-target.ts'
import { fieldValue } from './wire/field-value.ts'

type Match = ({ readonly ok: true; readonly plans: RoutePlans } & RouteMatch<RouteEntry>) | Refusal

/** Finds the route of a request in the snapshot, or refuses with route_not_found. */
export function matchRoute(
  snapshot: Snapshot,
  inbound: Inbound,
  head: RequestHead,
  target: RequestTarget,
): Match {
  const header = (name: string): string | undefined => fieldValue(head.fields, name)
  return matchAsked(snapshot, { method: inbound.method, host: head.host, header }, target)
}

/** The same for a request of which only this is known. */
export function matchAsked(
  snapshot: Snapshot,
  { method, host, header }: Omit<RouteQuery, 'path'>,
  target: RequestTarget,
): Match {
  const match = (path: string): RouteMatch<RouteEntry> | undefined =>
    snapshot.routes.match({ method, host, path, header })
  const found = match(target.path)
  if (found === undefined) return refuse('route_not_found', `No route matches ${method} ${target.path}`)
  if (target.loosePath !== undefined) {
    const other = match(target.loosePath)
    if (other !== undefined && other.target.id !== found.target.id)
      return refuse('invalid_request', 'The path can be read in two ways that lead to different routes')
  }
  if (!found.target.isServed) return refuse('service_unavailable', 'This API is switched off at the moment')
  const { plans } = found.target
  // Served without its transform it could show what it must not, without its metering it would be free.
  if (plans === null) return refuse('transform_error', 'The route has to be mended by its operator')
  return { ok: true, ...found, plans }
}
