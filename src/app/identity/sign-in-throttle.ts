import type { Clock } from '#ports/clock.ts'

/** Slows down guessing: an attempt is counted when it starts, so that many at once gain nothing. */
export interface SignInThrottle {
  /** Counts an attempt and answers 0, or counts nothing and answers the milliseconds to wait. */
  take(account: string, address: string): number
  /** Forgets what an attempt that turned out right has cost. */
  succeeded(account: string, address: string): void
}

interface Attempts {
  count: number
  lastAt: number
  openAt: number
}

const quietMs = 15 * 60_000
const firstWaitMs = 1_000
const free = { account: 5, address: 30 }
const longest = { account: 60_000, address: 5 * 60_000 }

/**
 * A few attempts are free, then each one doubles the wait, up to a minute for an account (so that nobody can lock its
 * owner out for long) and five for an address; fifteen quiet minutes start over. At most `maxEntries` of each are
 * remembered, the oldest are forgotten first.
 */
export function createSignInThrottle(deps: {
  readonly clock: Clock
  readonly maxEntries?: number
}): SignInThrottle {
  const maxEntries = deps.maxEntries ?? 10_000
  const known = { account: new Map<string, Attempts>(), address: new Map<string, Attempts>() }

  const current = (kind: 'account' | 'address', key: string, now: number): Attempts => {
    const entry = known[kind].get(key)
    if (entry !== undefined && now - entry.lastAt < quietMs) return entry
    return { count: 0, lastAt: now, openAt: 0 }
  }
  const count = (kind: 'account' | 'address', key: string, entry: Attempts, now: number): void => {
    const attempts = entry.count + 1
    const over = attempts - free[kind]
    const waitMs = over < 0 ? 0 : Math.min(longest[kind], firstWaitMs * 2 ** Math.min(over, 30))
    known[kind].delete(key)
    known[kind].set(key, { count: attempts, lastAt: now, openAt: now + waitMs })
    if (known[kind].size <= maxEntries) return
    const oldest = known[kind].keys().next()
    if (!oldest.done) known[kind].delete(oldest.value)
  }

  return {
    take(account, address) {
      const now = deps.clock.now()
      const forAccount = current('account', account, now)
      const forAddress = current('address', address, now)
      const openAt = Math.max(forAccount.openAt, forAddress.openAt)
      if (openAt > now) return openAt - now
      count('account', account, forAccount, now)
      count('address', address, forAddress, now)
      return 0
    },
    succeeded(account, address) {
      known.account.delete(account)
      const entry = known.address.get(address)
      if (entry !== undefined) entry.count = Math.max(0, entry.count - 1)
    },
  }
}
