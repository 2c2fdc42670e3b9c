import type { DomainEvent } from '#contract/events.ts'
import type { Records } from '#ports/records.ts'
import type { Snapshot } from '#ports/snapshot.ts'
import { refreshSnapshot } from './refresh-snapshot.ts'

/**
 * Keeps a snapshot true to committed events: resolves when the gateway has the change. One after the other, because two
 * refreshes from the same snapshot would lose the first one's change.
 */
export function createSnapshotFollower(deps: {
  readonly records: Records
  readonly current: () => Snapshot
  readonly replace: (next: Snapshot) => void
}): (events: readonly DomainEvent[]) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (events) => {
    const turn = last.then(async () => {
      const before = deps.current()
      const next = await refreshSnapshot(before, deps.records, events)
      if (next !== before) deps.replace(next)
    })
    last = turn.catch(() => {})
    return turn
  }
}
