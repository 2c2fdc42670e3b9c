/**
 * A token bucket in integers: the level counts sixty-thousandths of a token, so that a limit of N a minute refills
 * exactly N of them each millisecond. Capacity is the limit itself; a full bucket admits one minute's worth at once.
 */
export interface TokenBucket {
  level: number
  /** When the level was right, milliseconds. */
  at: number
}

const unitsPerToken = 60_000

/** A full bucket. */
export const fullBucket = (limitPerMinute: number, nowMs: number): TokenBucket => ({
  level: limitPerMinute * unitsPerToken,
  at: nowMs,
})

/** Brings the bucket to now. A clock that went back refills nothing; a lowered limit takes the surplus away. */
export function refill(bucket: TokenBucket, limitPerMinute: number, nowMs: number): void {
  const elapsedMs = nowMs - bucket.at
  const capacity = limitPerMinute * unitsPerToken
  if (elapsedMs > 0) {
    bucket.at = nowMs
    bucket.level += elapsedMs > unitsPerToken ? capacity : elapsedMs * limitPerMinute
  }
  if (bucket.level > capacity) bucket.level = capacity
}

/** True when one token is there. Call refill first. */
export const hasToken = (bucket: TokenBucket): boolean => bucket.level >= unitsPerToken

/** Takes one token that hasToken found. */
export function takeToken(bucket: TokenBucket): void {
  bucket.level -= unitsPerToken
}

/** Whole tokens left. */
export const tokensLeft = (bucket: TokenBucket): number => Math.floor(bucket.level / unitsPerToken)

/** Milliseconds until the bucket is full again. */
export function msUntilFull(bucket: TokenBucket, limitPerMinute: number): number {
  if (limitPerMinute <= 0) return unitsPerToken
  return Math.ceil((limitPerMinute * unitsPerToken - bucket.level) / limitPerMinute)
}

/** Milliseconds until one token is there; 0 when it is. A limit of 0 never refills: a minute is named then. */
export function msUntilToken(bucket: TokenBucket, limitPerMinute: number): number {
  if (limitPerMinute <= 0) return unitsPerToken
  return Math.max(0, Math.ceil((unitsPerToken - bucket.level) / limitPerMinute))
}
