import type { UsageEvent } from '#contract/usage-event.ts'
import type { Clock } from '#ports/clock.ts'
import type { JournalSegments } from '#ports/journal.ts'
import type { KeyUse } from '#ports/key-use.ts'
import type { Log } from '#ports/log.ts'
import type { UsageStore } from '#ports/usage-store.ts'

/** What one pass has moved. `lagMs` is the age that the oldest event had reached when it was stored. */
export interface DrainResult {
  readonly events: number
  readonly damaged: number
  readonly lagMs: number
}

/** Moves the usage journal into the usage table. */
export interface UsageWriter {
  /** Moves everything that is on disk now; rejects when the store fails, and nothing is lost then. */
  drain(): Promise<DrainResult>
  /** Drains again and again; a failing pass is logged and tried anew. */
  start(intervalMs?: number): void
  /** Ends the loop after one last pass. */
  stop(): Promise<void>
  /** How old the oldest event is that is known to wait; 0 when none does. */
  lagMs(): number
}

const mostEvents = 2000
const fewestEvents = 250
/** The control plane waits for the same write lock: a transaction that held it longer makes the next ones smaller. */
const longestHoldMs = 10

/** Several writers may work on the same directory and store, in one process or in many: each event is counted once. */
export function createUsageWriter(deps: {
  readonly segments: JournalSegments
  readonly store: UsageStore
  readonly clock: Clock
  readonly log: Log
  /** Hears of what was stored. */
  readonly keyUse?: KeyUse
  /** Hears of it, too; must be cheap, and must not fail. */
  readonly onStored?: (events: readonly UsageEvent[]) => void
}): UsageWriter {
  const { segments, store, clock, log, keyUse, onStored } = deps
  let waitingSince: number | undefined
  let last: Promise<unknown> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let maxEvents = 500

  const ageOf = (at: number | undefined): number => (at === undefined ? 0 : Math.max(0, clock.now() - at))

  async function drainSegment(segment: string): Promise<DrainResult> {
    let events = 0
    let damaged = 0
    let lagMs = 0
    let offset = await store.position(segment)
    for (;;) {
      const slice = segments.read(segment, offset, maxEvents)
      if (slice === undefined || slice.nextOffset === offset) {
        if (slice === undefined || slice.isEnded) await drop(segment)
        return { events, damaged, lagMs }
      }
      const oldestAt = slice.events.reduce<number | undefined>(earlier, undefined)
      waitingSince = earlier(waitingSince, { at: oldestAt })
      if (slice.damaged.length > 0) setAside(segment, offset, slice.damaged)
      const startedAt = clock.now()
      const position = { segment, from: offset, offset: slice.nextOffset }
      const isStored = await store.absorb(slice.events, position)
      maxEvents = nextSize(maxEvents, clock.now() - startedAt)
      if (isStored) {
        keyUse?.note(slice.events)
        onStored?.(slice.events)
        events += slice.events.length
        damaged += slice.damaged.length
        lagMs = Math.max(lagMs, ageOf(oldestAt))
        offset = slice.nextOffset
        // What has come since then waits for the next pass: writing it at once would be many small transactions.
        if (!slice.hasMore && !slice.isEnded) return { events, damaged, lagMs }
      } else offset = await store.position(segment)
      await pause()
    }
  }

  async function drop(segment: string): Promise<void> {
    segments.remove(segment)
    await store.forget(segment)
  }

  function setAside(segment: string, offset: number, lines: readonly string[]): void {
    segments.keepDamaged(segment, lines)
    log.error({ segment, offset, lines: lines.length }, 'damaged lines of the usage journal were set aside')
  }

  async function drainAll(): Promise<DrainResult> {
    const sum = { events: 0, damaged: 0, lagMs: 0 }
    for (const segment of segments.list()) {
      const part = await drainSegment(segment)
      sum.events += part.events
      sum.damaged += part.damaged
      sum.lagMs = Math.max(sum.lagMs, part.lagMs)
    }
    waitingSince = undefined
    return sum
  }

  function drain(): Promise<DrainResult> {
    const result = last.then(drainAll)
    last = result.catch(() => undefined)
    return result
  }

  async function drainOrLog(isLast = false): Promise<void> {
    try {
      await drain()
    } catch (error) {
      log.error({ err: error }, 'the usage journal could not be moved into the usage table')
    }
    try {
      await (isLast ? keyUse?.flush() : keyUse?.flushDue())
    } catch (error) {
      log.warn({ err: error }, 'when keys were used could not be written down; tried again')
    }
  }

  function repeat(intervalMs: number): void {
    timer = setTimeout(async () => {
      await drainOrLog()
      if (isRunning) repeat(intervalMs)
    }, intervalMs)
  }

  return {
    drain,
    start(intervalMs = 250) {
      if (isRunning) return
      isRunning = true
      repeat(intervalMs)
    },
    async stop() {
      isRunning = false
      clearTimeout(timer)
      await drainOrLog(true)
    },
    lagMs: () => ageOf(waitingSince),
  }
}

// Whoever else waits for the database's write lock asks for it now and then, and must find it free while a backlog is moved.
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 2))

function nextSize(events: number, heldMs: number): number {
  if (heldMs > longestHoldMs) return Math.max(fewestEvents, events / 2)
  return heldMs * 2 > longestHoldMs ? events : Math.min(mostEvents, events * 2)
}

function earlier(at: number | undefined, other: { readonly at: number | undefined }): number | undefined {
  if (at === undefined || other.at === undefined) return at ?? other.at
  return Math.min(at, other.at)
}
