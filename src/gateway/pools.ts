import type { UpstreamEntry } from '#ports/snapshot.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import { type CareDeps, UpstreamCare, type UpstreamDoor } from './upstream-care/upstream-care.ts'

/** The upstreams of this process: their connections, and what is known of their targets. */
export interface Pools {
  /** Where a request goes: asked once for each, because it is what takes turns between targets. */
  door(upstream: UpstreamEntry): UpstreamDoor
  /**
   * Takes over the upstreams of a new snapshot. What did not change keeps its connections and its state; what is not
   * among them any more is no longer checked, and runs empty.
   */
  follow(upstreams: Iterable<UpstreamEntry>): void
  /** Every upstream with its targets, for operators. */
  status(): readonly UpstreamStatus[]
  close(): void
}

/** For where nobody looks: no log, no metrics. */
const unattended: CareDeps = {
  clock: { now: () => performance.now() },
  log: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { upstreamHealth() {} },
}

interface Known {
  readonly care: UpstreamCare
  entry: UpstreamEntry
}

/** Creates the home of the pools; an upstream opens when it is first followed or asked for. */
export function createPools(deps: CareDeps = unattended): Pools {
  // A request that began before a change still holds the entry of its snapshot.
  const byEntry = new WeakMap<UpstreamEntry, UpstreamCare>()
  const byId = new Map<string, Known>()

  function adopt(entry: UpstreamEntry): UpstreamCare {
    let known = byId.get(entry.id)
    if (known === undefined) {
      known = { care: new UpstreamCare(entry, deps), entry }
      byId.set(entry.id, known)
    } else if (JSON.stringify(known.entry) !== JSON.stringify(entry)) {
      known.care.configure(entry)
      known.entry = entry
    }
    byEntry.set(entry, known.care)
    return known.care
  }

  return {
    door: (upstream) => (byEntry.get(upstream) ?? adopt(upstream)).door(),
    follow(upstreams) {
      const ids = new Set<string>()
      for (const upstream of upstreams) {
        ids.add(upstream.id)
        adopt(upstream)
      }
      for (const [id, { care }] of byId) {
        if (ids.has(id)) continue
        care.close()
        byId.delete(id)
      }
    },
    status: () => [...byId.values()].map(({ care }) => care.status()),
    close() {
      for (const { care } of byId.values()) care.close()
      byId.clear()
    },
  }
}
