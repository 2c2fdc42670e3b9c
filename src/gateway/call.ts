import type { RoutePlans } from '#ports/route-plans.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import type { Grant } from './grant.ts'
import type { Inbound } from './inbound.ts'
import type { Holds } from './limits/holds.ts'
import type { Meter } from './measure/meter.ts'

/** One admitted request on its way: what forwarding fills in and settling reads. */
export interface Call {
  readonly inbound: Inbound
  /** Made by us, and the identity of the usage event; a client cannot choose it. */
  readonly id: string
  /** What the client sees as X-Request-Id: its own, when it sent a well-formed one. */
  readonly requestId: string
  /** When it was admitted, milliseconds. */
  readonly startedAt: number
  readonly path: string
  readonly route: RouteEntry
  readonly plans: RoutePlans
  /** null on a public route: nobody pays for it. */
  readonly grant: Grant | null
  /** What is given back, once, when it is settled. */
  readonly holds: Holds
  /** null where every call costs the same. */
  readonly meter: Meter | null
  requestBytes: number
  responseBytes: number
  isSettled: boolean
}
