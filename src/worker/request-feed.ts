import type { UsageEvent } from '#contract/usage-event.ts'
import type { LiveRequests, RequestsSeen } from '#ports/live-requests.ts'
import { createRequestSample } from './request-sample.ts'

/** Requests on their way from those who store them to those who look on. */
export interface RequestFeed extends LiveRequests {
  /** Takes what was stored on this thread; costs nothing while nobody follows. */
  note(events: readonly UsageEvent[]): void
  /** Passes on what another thread has seen. */
  tell(seen: RequestsSeen): void
  /** Hears when the first one begins to follow, and when the last one has left. */
  onWatched(listener: (isWatched: boolean) => void): void
}

/** A feed that tells twice a second, of what was noted since, and only while somebody follows. */
export function createRequestFeed(everyMs = 500): RequestFeed {
  const followers = new Set<{ readonly told: (seen: RequestsSeen) => void }>()
  const listeners: ((isWatched: boolean) => void)[] = []
  const sample = createRequestSample()
  let timer: NodeJS.Timeout | undefined

  const tell = (seen: RequestsSeen): void => {
    for (const { told } of followers) told(seen)
  }
  const tellNoted = (): void => {
    const seen = sample.take()
    if (seen !== undefined) tell(seen)
  }
  const watch = (isWatched: boolean): void => {
    clearInterval(timer)
    // What was noted for those who looked before is no news for the next one.
    sample.take()
    timer = isWatched ? setInterval(tellNoted, everyMs).unref() : undefined
    for (const listener of listeners) listener(isWatched)
  }
  return {
    follow(told) {
      const follower = { told }
      followers.add(follower)
      if (followers.size === 1) watch(true)
      return () => {
        if (followers.delete(follower) && followers.size === 0) watch(false)
      }
    },
    note(events) {
      if (timer !== undefined) sample.note(events)
    },
    tell,
    onWatched(listener) {
      listeners.push(listener)
    },
  }
}
