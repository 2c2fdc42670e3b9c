/** How often a thread is asked whether it is there, and how many looks in a row may find it still silent. */
export interface WatchTimes {
  readonly everyMs: number
  readonly mostLooks: number
}

/** Half a minute: whatever a thread does for so long at a stretch, nobody gets an answer from it meanwhile. */
export const usualWatch: WatchTimes = { everyMs: 5_000, mostLooks: 6 }

/**
 * Asks a thread again and again whether it is there, and calls `hung` once when it is not. Looks are counted, not time: a machine that
 * was asleep says nothing about its threads.
 */
export function watchThread(
  ping: () => Promise<void>,
  hung: () => void,
  { everyMs, mostLooks }: WatchTimes,
): () => void {
  let silentLooks = 0
  let isAsked = false
  const timer = setInterval(() => {
    if (!isAsked) {
      isAsked = true
      silentLooks = 0
      void ping().then(() => {
        isAsked = false
      })
      return
    }
    silentLooks++
    if (silentLooks < mostLooks) return
    clearInterval(timer)
    hung()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
