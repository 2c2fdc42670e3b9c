import type { Call } from '../call.ts'
import type { Upgrading } from '../forward.ts'
import type { SnapshotHolder } from '../snapshot.ts'
import { type BillDeps, ConnectionBill, type Terms } from './connection-bill.ts'
import { closeCode } from './frames.ts'
import type { Handshake } from './handshake.ts'
import type { WebSocketRelay } from './relay.ts'
import { createTariff } from './tariff.ts'
import { type Opened, WebSocketUpgrade } from './upgrade.ts'

/** The WebSockets of a gateway process. */
export interface WebSockets {
  /** What an admitted upgrade needs on its way to the upstream; its terms are asked again as long as the connection lives. */
  upgrade(call: Call, handshake: Handshake, terms: Terms): Upgrading
  readonly isDraining: boolean
  active(): number
  /** Tells every side that we go away; resolves when all are gone or time is up, with everything recorded. */
  drain(deadlineMs: number): Promise<void>
}

/** What they need. */
export type WebSocketDeps = BillDeps & {
  readonly snapshots: SnapshotHolder
}

/** One connection with what it was admitted by. */
interface Living {
  readonly call: Call
  readonly terms: Terms
  readonly relay: WebSocketRelay
  nextCheckpoint: number
}

const sweepEveryMs = 250
const checkpointEveryMs = 60_000
const goodbye = 'the server is stopping'

/** Creates the home of the WebSockets: one clock for all their deadlines, none without connections. */
export function createWebSockets(deps: WebSocketDeps): WebSockets {
  const living = new Set<Living>()
  let timer: NodeJS.Timeout | undefined
  let isDraining = false
  let isChanged = false
  let onEmpty = (): void => {}
  // Many changes at once are looked at once.
  deps.snapshots.onReplace(() => {
    isChanged = true
  })

  function sweep(): void {
    const now = deps.clock.now()
    const routes = isChanged ? servedRoutes(deps.snapshots) : undefined
    isChanged = false
    for (const one of living) {
      const isDue = one.nextCheckpoint <= now
      const expiresAt = one.relay.bill?.grant.key.expiresAt ?? null
      if (isDue || routes !== undefined || (expiresAt !== null && expiresAt <= now)) recheck(one, now, routes)
      if (isDue) {
        one.relay.bill?.checkpoint()
        one.nextCheckpoint = now + checkpointEveryMs
      }
      one.relay.sweep(now)
    }
  }

  function recheck(
    { call, terms, relay }: Living,
    now: number,
    routes: ReadonlySet<string> | undefined,
  ): void {
    if (routes !== undefined && !routes.has(call.route.id)) {
      relay.fail(closeCode.goingAway, 'the route is switched off')
      return
    }
    if (relay.bill === null) return
    const standing = terms.standing(now)
    if (standing.ok) relay.bill.renew(standing.grant)
    else relay.fail(closeCode.policy, standing.code)
  }

  function admit(call: Call, terms: Terms, open: (onOver: () => void) => WebSocketRelay): void {
    const onOver = (): void => {
      living.delete(one)
      call.holds.settle(0)
      if (living.size > 0) return
      clearInterval(timer)
      timer = undefined
      onEmpty()
    }
    const one: Living = {
      call,
      terms,
      relay: open(onOver),
      nextCheckpoint: deps.clock.now() + checkpointEveryMs,
    }
    living.add(one)
    timer ??= setInterval(sweep, sweepEveryMs).unref()
    // What changed while the upstream was asked must not be missed.
    isChanged = true
    if (isDraining) one.relay.fail(closeCode.goingAway, goodbye)
  }

  return {
    upgrade(call, handshake, terms) {
      const { grant, plans, path } = call
      const tariff = createTariff(plans.metering, { method: call.inbound.method, path })
      const bill = grant === null ? null : new ConnectionBill(deps, call, grant, terms, tariff)
      return new WebSocketUpgrade({
        ...deps,
        call,
        handshake,
        bill,
        onOpened: (opened: Opened) => admit(call, terms, opened),
      })
    },
    get isDraining() {
      return isDraining
    },
    active: () => living.size,
    async drain(deadlineMs) {
      isDraining = true
      for (const { relay } of living) relay.fail(closeCode.goingAway, goodbye)
      if (living.size > 0) {
        await new Promise<void>((resolve) => {
          const deadline = setTimeout(resolve, deadlineMs)
          onEmpty = () => {
            clearTimeout(deadline)
            resolve()
          }
        })
      }
      for (const { relay } of living) relay.destroy()
    },
  }
}

const servedRoutes = (snapshots: SnapshotHolder): ReadonlySet<string> =>
  new Set(
    snapshots
      .current()
      .routes.targets.filter((route) => route.isServed && route.isWebSocket)
      .map(({ id }) => id),
  )
