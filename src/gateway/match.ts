import { type Refusal, refuse } from '#contract/outcome.ts'
import type { RouteMatch } from '#domain/route/table.ts'
import type { RouteEntry, Snapshot } from '#ports/snapshot.ts'
import type { Inbound } from './inbound.ts'
import type { RequestHead } from './request-head.ts'
import type { RequestTarget } from './request-target.ts'
import { fieldValue } from './wire/field-value.ts'

/** Finds the route of a request in the snapshot, or refuses with route_not_found. */
export function matchRoute(
  snapshot: Snapshot,
  inbound: Inbound,
  head: RequestHead,
  target: RequestTarget,
): ({ readonly ok: true } & RouteMatch<RouteEntry>) | Refusal {
  const found = snapshot.routes.match({
    method: inbound.method,
    host: head.host,
    path: target.path,
    header: (name) => fieldValue(head.fields, name),
  })
  if (found === undefined)
    return refuse('route_not_found', `No route matches ${inbound.method} ${target.path}`)
  return { ok: true, ...found }
}
