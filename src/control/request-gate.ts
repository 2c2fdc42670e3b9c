import type { Clock } from '#ports/clock.ts'

/** Lets so many requests of one sender in, and tells the others when to come back. */
export interface RequestGate {
  /** The milliseconds until the sender may ask again; 0 lets this request in. */
  take(sender: string): number
}

const mostSenders = 20_000

interface Bucket {
  tokens: number
  at: number
}

/**
 * A bucket for each sender that holds a minute's requests and fills evenly; 0 a minute lets everything in. The sender who was quiet the
 * longest is forgotten when there are too many, which can only favour senders.
 */
export function createRequestGate(options: {
  readonly clock: Clock
  readonly requestsPerMinute: number
}): RequestGate {
  const { clock, requestsPerMinute: most } = options
  const perMs = most / 60_000
  const buckets = new Map<string, Bucket>()
  return {
    take(sender) {
      if (most === 0) return 0
      const now = clock.now()
      const known = buckets.get(sender)
      const filled =
        known === undefined ? most : Math.min(most, known.tokens + Math.max(0, now - known.at) * perMs)
      const isIn = filled >= 1
      buckets.delete(sender)
      buckets.set(sender, { tokens: isIn ? filled - 1 : filled, at: now })
      const [oldest] = buckets.keys()
      if (buckets.size > mostSenders && oldest !== undefined) buckets.delete(oldest)
      return isIn ? 0 : Math.ceil((1 - filled) / perMs)
    },
  }
}
