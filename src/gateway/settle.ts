import type { Clock } from '#ports/clock.ts'
import type { UsageJournal } from '#ports/journal.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { PlanEntry } from '#ports/snapshot.ts'
import type { Call } from './call.ts'
import type { Grant } from './grant.ts'
import type { CallTotals } from './measure/meter.ts'

/** How an admitted request ended. */
export interface Ending {
  /** The upstream's status; 499 when the client left before it answered, ours when we failed. */
  readonly status: number
  readonly kind: EndingKind
  /** All of the upstream's answer has come. */
  readonly isComplete: boolean
}

/**
 * `answered`: the upstream answered with the status. `abandoned`: the client gave up while the upstream, which had all of the
 * request, worked on it. `failed`: neither, so nothing is billed.
 */
export type EndingKind = 'answered' | 'abandoned' | 'failed'

/** Turns the reservation of a request into what it used, and makes its usage event durable. */
export interface Settler {
  /**
   * Settles once; further calls do nothing and do not call `then`. `then(true)` comes when the answer may be completed: for
   * a billed request after its event is in the journal. `then(false)`: the event could not be written, nothing was charged, and the
   * client must not get the answer.
   */
  settle(call: Call, ending: Ending, then: (isRecorded: boolean) => void): void
}

const ignore = (): void => {}

const isBillable = ({ kind, status }: Ending, plan: PlanEntry): boolean =>
  kind === 'answered' ? status < plan.billableBelowStatus : kind === 'abandoned' && plan.billsAborted

const totalsOf = ({ requestBytes, responseBytes }: Call, { isComplete }: Ending): CallTotals => ({
  requestBytes,
  responseBytes,
  isComplete,
})

/** Creates the settler of one gateway process. */
export function createSettler(deps: {
  readonly journal: UsageJournal
  readonly metrics: Metrics
  readonly clock: Clock
}): Settler {
  function record(
    call: Call,
    grant: Grant,
    ending: Ending,
    units: number,
    then: (isRecorded: boolean) => void,
  ): void {
    const event = {
      id: call.id,
      at: call.startedAt,
      request_id: call.requestId,
      organization_id: grant.key.organizationId,
      api_id: call.route.apiId,
      subscription_id: grant.subscription.id,
      plan_id: grant.plan.id,
      api_key_id: grant.key.id,
      route_id: call.route.id,
      method: call.inbound.method,
      path: call.path,
      status: ending.status,
      units,
      request_bytes: call.requestBytes,
      response_bytes: call.responseBytes,
      duration_ms: deps.clock.now() - call.startedAt,
    }
    if (units === 0) {
      call.holds.settle(0)
      deps.journal.append(event, ignore)
      then(true)
      return
    }
    // Held until it is recorded: where a thread ends before, what it held goes back, and nothing was used that is not recorded.
    deps.journal.append(event, (error) => {
      call.holds.settle(error === undefined ? units : 0)
      if (error === undefined) deps.metrics.usageEvents(1)
      then(error === undefined)
    })
  }

  return {
    settle(call, ending, then) {
      if (call.isSettled) return
      call.isSettled = true
      const { grant, meter } = call
      const { fixedUnits, fallbackUnits } = call.plans.metering
      if (grant === null) {
        call.holds.settle(0)
        then(true)
      } else if (!isBillable(ending, grant.plan)) record(call, grant, ending, 0, then)
      else if (meter === null || ending.kind === 'abandoned')
        record(call, grant, ending, fixedUnits ?? fallbackUnits, then)
      else
        meter.end(totalsOf(call, ending), ({ units, warning }) => {
          if (warning !== undefined) deps.metrics.meteringFallback(warning)
          record(call, grant, ending, units, then)
        })
    },
  }
}
