/** The ends of the steps that durations are counted in, in milliseconds: each about 1.4 times the one before. What took longer than the last has a step of its own. */
const ends: readonly number[] = [
  1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80, 110, 160, 220, 320, 450, 640, 900, 1_250, 1_800, 2_500, 3_500,
  5_000, 7_000, 10_000, 14_000, 20_000, 28_000, 40_000, 60_000,
]

/** How many requests ended in each step, by the step's number. */
export type DurationCounts = ReadonlyMap<number, number>

/** The step that a duration is counted in. */
export function durationStep(durationMs: number): number {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (durationMs <= (ends[middle] ?? 0)) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * The duration that a share of the requests did not exceed, as well as the steps tell: it lies in the step of the true one. Undefined without
 * requests; a minute where it was longer than that.
 */
export function durationBelow(counts: DurationCounts, share: number): number | undefined {
  const steps = [...counts].sort(([one], [other]) => one - other)
  const total = steps.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return undefined
  const wanted = Math.max(1, share * total)
  let before = 0
  for (const [step, count] of steps) {
    if (before + count >= wanted) {
      const from = ends[step - 1] ?? 0
      const to = ends[step] ?? from
      return Math.ceil(from + ((wanted - before) / count) * (to - from))
    }
    before += count
  }
  return ends.at(-1)
}
