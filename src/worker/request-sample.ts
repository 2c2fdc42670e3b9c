import type { UsageEvent } from '#contract/usage-event.ts'
import type { LiveRequest, RequestsSeen } from '#ports/live-requests.ts'

/** Some of the requests that were counted, for those who look on. */
export interface RequestSample {
  /** Takes what was stored. */
  note(events: readonly UsageEvent[]): void
  /** What was noted since it was asked last; undefined where that is nothing. */
  take(): RequestsSeen | undefined
}

const mostPathCharacters = 200

/**
 * Keeps so many requests of each kind between two takings, those that failed apart from those that did not, so that a failure is seen among a
 * thousand answers. Where there are more, they are picked evenly over the time.
 */
export function createRequestSample(mostOfKind = 20): RequestSample {
  const failed = createThinned(mostOfKind)
  const served = createThinned(mostOfKind)
  let counted = 0
  return {
    note(events) {
      counted += events.length
      for (const event of events) (event.status >= 400 ? failed : served).add(event)
    },
    take() {
      if (counted === 0) return undefined
      const picked = [...failed.take(), ...served.take()].sort((a, b) => a.at - b.at)
      const seen = { counted, requests: picked.map(shown) }
      counted = 0
      return seen
    },
  }
}

/** Every event until it is full; from then on every second, fourth, eighth one. */
function createThinned(most: number) {
  let kept: UsageEvent[] = []
  let passed = 0
  let step = 1
  return {
    add(event: UsageEvent): void {
      if (passed % step === 0) kept.push(event)
      passed += 1
      if (kept.length <= most) return
      kept = kept.filter((_, index) => index % 2 === 0)
      step *= 2
    },
    take(): readonly UsageEvent[] {
      const taken = kept
      kept = []
      passed = 0
      step = 1
      return taken
    },
  }
}

const shown = (event: UsageEvent): LiveRequest => ({
  id: event.id,
  at: event.at,
  request_id: event.request_id,
  organization_id: event.organization_id,
  api_key_id: event.api_key_id,
  route_id: event.route_id,
  method: event.method,
  path: event.path.slice(0, mostPathCharacters),
  status: event.status,
  units: event.units,
  duration_ms: event.duration_ms,
})
