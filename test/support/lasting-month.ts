import { setTimeout } from 'node:timers/promises'

/**
 * Resolves when the month has a minute to go: at once, unless it ends before. For tests that look at what is left of a month and
 * whose clock is not theirs, as that of a process or of a worker is.
 */
export async function lastingMonth(): Promise<void> {
  const now = new Date()
  const leftMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - now.getTime()
  if (leftMs < 60_000) await setTimeout(leftMs + 1_000)
}
