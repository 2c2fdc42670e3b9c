import type { DomainEvent } from '#contract/events.ts'
import type { Snapshot } from '#ports/snapshot.ts'
import type { SnapshotSource } from './load-snapshot.ts'
import { refreshSnapshot } from './refresh-snapshot.ts'

/**
 * Keeps a snapshot true to committed events: resolves when the gateway has the change. One after the other, because two
 * refreshes from the same snapshot would lose the first one's change. A change that cannot be read is told and left out: it must
 * not keep the others, a revocation among them, from the gateway.
 */
export function createSnapshotFollower(deps: {
  readonly source: SnapshotSource
  readonly current: () => Snapshot
  readonly replace: (next: Snapshot) => void
  readonly failed: (event: DomainEvent, error: unknown) => void
}): (events: readonly DomainEvent[]) => Promise<void> {
  let last: Promise<void> = Promise.resolve()

  async function apply(events: readonly DomainEvent[]): Promise<void> {
    const before = deps.current()
    const next = await refreshSnapshot(before, deps.source, events)
    if (next !== before) deps.replace(next)
  }

  async function applyEach(events: readonly DomainEvent[]): Promise<void> {
    for (const event of events) await apply([event]).catch((error: unknown) => deps.failed(event, error))
  }

  return (events) => {
    const turn = last.then(() => apply(events)).catch(() => applyEach(events))
    last = turn
    return turn
  }
}
