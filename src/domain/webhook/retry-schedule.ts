const minute = 60_000
const hour = 60 * minute

/** What to wait after each failed attempt. */
const waitsMs = [
  5_000,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const

/** How often a delivery can be tried at most; a setting may say less. */
export const mostAttempts = waitsMs.length + 1
const longestAskedMs = 6 * hour

/**
 * When to try again after a number of failed attempts, 1 for the first: up to a tenth later by chance, so that what failed together does
 * not come back together, and not before the receiver wants it (`Retry-After`, up to six hours). Undefined when that was the last one.
 */
export function nextAttemptAt(attempt: {
  readonly tries: number
  readonly attempts: number
  readonly now: number
  readonly chance: number
  readonly askedMs?: number | undefined
}): number | undefined {
  const { tries, attempts, now, chance, askedMs = 0 } = attempt
  const waitMs = waitsMs[tries - 1]
  if (tries >= attempts || waitMs === undefined) return undefined
  return now + Math.max(Math.round(waitMs * (1 + chance / 10)), Math.min(askedMs, longestAskedMs))
}

/** How long a `Retry-After` asks to wait, in seconds or as a date; undefined where it says nothing. */
export function askedWaitMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
