import type { DomainEvent } from '#contract/events.ts'
import type { Clock } from '#ports/clock.ts'
import type { Row } from '#ports/records.ts'
import type { Settings } from './configuration.ts'

/** What the database says about providers at one moment. */
export interface ProviderState {
  readonly settings: Settings
  /** The records of each provider's module, secrets in the clear. */
  readonly records: ReadonlyMap<string, readonly Row[]>
}

/** The state as it is now, read again only after a change. */
export interface ProviderStateReader {
  current(): Promise<ProviderState>
  /** To be told of every commit of this process. */
  follow(events: readonly DomainEvent[]): void
}

/** How old the knowledge of other processes' commits may be. */
const checkEveryMs = 100
/** However quiet the outbox is, nothing is believed for longer. */
const believeForMs = 30_000

/**
 * Reads the state when it is asked for. Commits of this process count at once; those of other processes come through the outbox and
 * are looked for at most every 100 ms.
 */
export function createProviderState(deps: {
  readonly load: () => Promise<ProviderState>
  readonly lastSeq: () => Promise<number>
  readonly eventsSince: (seq: number, limit: number) => Promise<readonly DomainEvent[]>
  /** Modules whose records are part of the state. */
  readonly concerns: (module: string) => boolean
  readonly clock: Clock
}): ProviderStateReader {
  let known: { readonly state: ProviderState; readonly loadedAt: number } | undefined
  let seq = 0
  let checkedAt = Number.NEGATIVE_INFINITY
  let running: Promise<ProviderState> | undefined
  let changes = 0

  const load = async (): Promise<ProviderState> => {
    const loadedAt = deps.clock.now()
    const before = changes
    seq = await deps.lastSeq()
    const state = await deps.load()
    checkedAt = loadedAt
    // A commit in between may be in it or not: then it serves this once.
    if (before === changes) known = { state, loadedAt }
    return state
  }
  const loadOnce = (): Promise<ProviderState> => {
    running ??= load().finally(() => {
      running = undefined
    })
    return running
  }
  const hasChanged = async (): Promise<boolean> => {
    const mostEvents = 1_000
    const events = await deps.eventsSince(seq, mostEvents)
    seq = Math.max(seq, events.at(-1)?.seq ?? 0)
    checkedAt = deps.clock.now()
    return events.length === mostEvents || events.some(({ module }) => deps.concerns(module))
  }
  return {
    async current() {
      const now = deps.clock.now()
      if (known === undefined || now - known.loadedAt >= believeForMs) return loadOnce()
      if (now - checkedAt >= checkEveryMs && (await hasChanged())) return loadOnce()
      return known?.state ?? loadOnce()
    },
    follow(events) {
      if (!events.some(({ module }) => deps.concerns(module))) return
      changes += 1
      known = undefined
      // Who loads at this moment may have read before the commit.
      running = undefined
    },
  }
}
