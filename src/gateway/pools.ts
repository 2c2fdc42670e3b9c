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
  /** Begins to ask targets for their health, or leaves it to another worker. */
  setChecking(isOn: boolean): void
  /** Targets that fail their checks, in a form that `believe` of another worker takes. */
  down(): readonly string[]
  /** Takes over what the checks of another worker found out. */
  believe(down: readonly string[]): void
  /** Every upstream with its targets, for operators. */
  status(): readonly UpstreamStatus[]
  close(): void
}

/** What the pools of a gateway need. */
export interface PoolDeps extends Omit<CareDeps, 'duty'> {
  readonly sharing: PoolSharing
}

/** With whom the work on upstreams is shared. */
export interface PoolSharing {
  /** How many gateways share what an upstream may have open at a time. */
  readonly workers: number
  readonly checks: boolean
  /** Called when a target begins to pass or to fail checks of this gateway. */
  readonly onHealth: () => void
}

/** A gateway that has its upstreams to itself. */
export const unshared: PoolSharing = { workers: 1, checks: true, onHealth() {} }

/** For where nobody looks: no log, no metrics. */
const unattended: PoolDeps = {
  clock: { now: () => performance.now() },
  log: { debug() {}, info() {}, warn() {}, error() {} },
  metrics: { upstreamHealth() {} },
  sharing: unshared,
}

interface Known {
  readonly care: UpstreamCare
  entry: UpstreamEntry
}

/** Creates the home of the pools; an upstream opens when it is first followed or asked for. */
export function createPools(deps: PoolDeps = unattended): Pools {
  const { workers, checks, onHealth } = deps.sharing
  const duty = { isOn: checks, changed: onHealth }
  const careDeps: CareDeps = { ...deps, duty }
  let believed: readonly string[] = []
  // A request that began before a change still holds the entry of its snapshot.
  const byEntry = new WeakMap<UpstreamEntry, UpstreamCare>()
  const byId = new Map<string, Known>()

  /** What this gateway may use of an upstream, so that all together do not use more than it allows. */
  const shareOf = (entry: UpstreamEntry): UpstreamEntry => ({
    ...entry,
    maxConnections: entry.maxConnections === 0 ? 0 : Math.max(1, Math.floor(entry.maxConnections / workers)),
    maxPending: Math.ceil(entry.maxPending / workers),
  })

  function tellBelieved(): void {
    if (duty.isOn) return
    for (const [id, { care }] of byId)
      care.believe(
        new Set(believed.flatMap((name) => (name.startsWith(`${id} `) ? [name.slice(id.length + 1)] : []))),
      )
  }

  function adopt(entry: UpstreamEntry): UpstreamCare {
    let known = byId.get(entry.id)
    if (known === undefined) {
      known = { care: new UpstreamCare(shareOf(entry), careDeps), entry }
      byId.set(entry.id, known)
    } else if (JSON.stringify(known.entry) !== JSON.stringify(entry)) {
      known.care.configure(shareOf(entry))
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
      tellBelieved()
    },
    setChecking(isOn) {
      duty.isOn = isOn
      for (const { care } of byId.values()) care.renewChecks()
    },
    down: () => [...byId].flatMap(([id, { care }]) => care.down().map((url) => `${id} ${url}`)),
    believe(down) {
      believed = down
      tellBelieved()
    },
    status: () => [...byId.values()].map(({ care }) => care.status()),
    close() {
      for (const { care } of byId.values()) care.close()
      byId.clear()
    },
  }
}
