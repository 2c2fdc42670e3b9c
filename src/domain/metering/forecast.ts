const dayMs = 86_400_000
/** How far back a pace is taken from. */
export const paceMs = 7 * dayMs

/** A month that is under way, and what was used lately. */
export interface Pace {
  /** Used in the month so far. */
  readonly units: number
  /** Used from `sinceMs` on. */
  readonly recentUnits: number
  readonly sinceMs: number
  readonly nowMs: number
  /** When the month ends. */
  readonly endMs: number
}

/** Less than a day says nothing of a month, and counts as a whole one. */
const perMs = ({ recentUnits, sinceMs, nowMs }: Pace): number =>
  recentUnits / Math.max(dayMs, nowMs - sinceMs)

/** What a month will have used at its end if it goes on as it did lately. */
export const unitsAtEnd = (pace: Pace): number =>
  pace.units + Math.round(perMs(pace) * Math.max(0, pace.endMs - pace.nowMs))

/** When so many units will be used at that pace; undefined when that is past already, or not within the month. */
export function reachedAtMs(pace: Pace, limit: number): number | undefined {
  if (pace.units >= limit || perMs(pace) === 0) return undefined
  const atMs = pace.nowMs + Math.round((limit - pace.units) / perMs(pace))
  return atMs <= pace.endMs ? atMs : undefined
}
