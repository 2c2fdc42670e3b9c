import type { Snapshot } from '#ports/snapshot.ts'

/** Where the gateway finds the current snapshot: read per request, replaced as a whole. */
export interface SnapshotHolder {
  current(): Snapshot
  /** From the next request on. Listeners hear of it in the same turn. */
  replace(next: Snapshot): void
  onReplace(listener: () => void): void
}

/** Creates a holder around a first snapshot. */
export function createSnapshotHolder(first: Snapshot): SnapshotHolder {
  let snapshot = first
  const listeners: (() => void)[] = []
  return {
    current: () => snapshot,
    replace(next) {
      snapshot = next
      for (const listener of listeners) listener()
    },
    onReplace(listener) {
      listeners.push(listener)
    },
  }
}
