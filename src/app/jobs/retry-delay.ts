const firstMs = 15_000
const longestMs = 60 * 60_000

/** How long to wait after an attempt that failed, 1 for the first: doubling up to an hour, and between half of that and all of it by chance. */
export function retryDelayMs(attempt: number, chance: number): number {
  const full = Math.min(firstMs * 2 ** Math.min(attempt - 1, 30), longestMs)
  return Math.round(full * (0.5 + chance / 2))
}
