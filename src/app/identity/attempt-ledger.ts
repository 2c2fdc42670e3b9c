interface Attempts {
  count: number
  lastAt: number
  openAt: number
}

/** How many attempts each of many keys has made lately, in bounded memory. */
export interface AttemptLedger {
  /** The milliseconds until the key may try again, 0 for now; a new key also waits while there is no room for it. */
  waitMs(key: string, now: number): number
  /** Counts an attempt of a key that need not wait. */
  count(key: string, now: number): void
  /** Takes one counted attempt back. */
  giveBack(key: string): void
  /** Takes all of them back. */
  forget(key: string): void
}

const quietMs = 15 * 60_000
const firstWaitMs = 1_000

/**
 * `free` attempts need no wait, the last of them opens the first one, of a second, and each further one doubles it up to
 * `longestWaitMs`; fifteen quiet minutes start over. Beyond `maxEntries` the key that was quiet the longest gives way, but none whose
 * wait is running: forgetting it would be a way round its wait.
 */
export function createAttemptLedger(options: {
  readonly free: number
  readonly longestWaitMs: number
  readonly maxEntries: number
}): AttemptLedger {
  const { free, longestWaitMs, maxEntries } = options
  /** The one that tried longest ago comes first. */
  const entries = new Map<string, Attempts>()

  /** The key that can give way to another, or the milliseconds until there is one. */
  const leastNeeded = (now: number): { key: string } | { waitMs: number } => {
    let openAt = Number.POSITIVE_INFINITY
    for (const [key, entry] of entries) {
      if (entry.openAt <= now) return { key }
      openAt = Math.min(openAt, entry.openAt)
    }
    return { waitMs: openAt - now }
  }

  return {
    waitMs(key, now) {
      const entry = entries.get(key)
      if (entry !== undefined) return Math.max(0, entry.openAt - now)
      if (entries.size < maxEntries) return 0
      const leaving = leastNeeded(now)
      return 'key' in leaving ? 0 : leaving.waitMs
    },
    count(key, now) {
      const entry = entries.get(key)
      const before = entry !== undefined && now - entry.lastAt < quietMs ? entry.count : 0
      const over = before + 1 - free
      const waitMs = over < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(over, 30))
      entries.delete(key)
      if (entries.size >= maxEntries) {
        const leaving = leastNeeded(now)
        if ('key' in leaving) entries.delete(leaving.key)
      }
      entries.set(key, { count: before + 1, lastAt: now, openAt: now + waitMs })
    },
    giveBack(key) {
      const entry = entries.get(key)
      if (entry !== undefined) entry.count = Math.max(0, entry.count - 1)
    },
    forget: (key) => void entries.delete(key),
  }
}
