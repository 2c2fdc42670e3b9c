import { addressBlock } from '#domain/address-block.ts'
import type { Clock } from '#ports/clock.ts'
import { type AttemptLedger, createAttemptLedger } from './attempt-ledger.ts'

/** Slows down guessing: an attempt is counted when it starts, so that many at once gain nothing. */
export interface SignInThrottle {
  /** Counts an attempt and answers 0, or counts nothing and answers the milliseconds to wait. */
  take(account: string, address: string): number
  /** Forgets what an attempt that turned out right has cost, and knows its account at its address from then on. */
  succeeded(account: string, address: string): void
  /** Knows an account at an address since a moment in the past, as if it had signed in then. */
  recall(account: string, address: string, at: number): void
}

/** How long an account is known at an address where it signed in. */
export const knownForMs = 30 * 24 * 60 * 60_000

const pairOf = (account: string, block: string): string => `${block} ${account}`

/**
 * A few attempts are free, then each one doubles the wait, up to a minute for an account (so that nobody can lock its owner out for
 * long) and five for an address; fifteen quiet minutes start over. IPv6 addresses count by their network of 64 bits. An account at an
 * address where it signed in within 30 days has an allowance of its own, which attempts from elsewhere or on other accounts do not use.
 * At most `maxEntries` of each are remembered: nobody whose wait is running is forgotten, rather newcomers have to wait.
 */
export function createSignInThrottle(deps: {
  readonly clock: Clock
  readonly maxEntries?: number
}): SignInThrottle {
  const maxEntries = deps.maxEntries ?? 10_000
  const accounts = createAttemptLedger({ free: 5, longestWaitMs: 60_000, maxEntries })
  const addresses = createAttemptLedger({ free: 30, longestWaitMs: 5 * 60_000, maxEntries })
  const pairs = createAttemptLedger({ free: 5, longestWaitMs: 60_000, maxEntries })
  /** When each pair last signed in, the one that did so longest ago first. */
  const known = new Map<string, number>()

  const isKnown = (pair: string, now: number): boolean => {
    const at = known.get(pair)
    return at !== undefined && now - at < knownForMs
  }
  const know = (pair: string, at: number): void => {
    known.delete(pair)
    known.set(pair, at)
    const [oldest] = known.keys()
    if (known.size > maxEntries && oldest !== undefined) known.delete(oldest)
  }
  const takeFrom = (entries: readonly (readonly [AttemptLedger, string])[], now: number): number => {
    const waitMs = Math.max(...entries.map(([ledger, key]) => ledger.waitMs(key, now)))
    if (waitMs === 0) for (const [ledger, key] of entries) ledger.count(key, now)
    return waitMs
  }

  return {
    take(account, address) {
      const now = deps.clock.now()
      const block = addressBlock(address)
      const pair = pairOf(account, block)
      if (isKnown(pair, now)) return takeFrom([[pairs, pair]], now)
      return takeFrom(
        [
          [accounts, account],
          [addresses, block],
        ],
        now,
      )
    },
    succeeded(account, address) {
      const now = deps.clock.now()
      const block = addressBlock(address)
      const pair = pairOf(account, block)
      // What others have tried on the account meanwhile is not forgiven by a sign-in that was not counted there.
      if (!isKnown(pair, now)) {
        accounts.forget(account)
        addresses.giveBack(block)
      }
      pairs.forget(pair)
      know(pair, now)
    },
    recall(account, address, at) {
      const pair = pairOf(account, addressBlock(address))
      if ((known.get(pair) ?? 0) < at) know(pair, at)
    },
  }
}
