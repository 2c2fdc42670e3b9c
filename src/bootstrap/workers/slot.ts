import type { DomainEvent } from '#contract/events.ts'
import type { Log } from '#ports/log.ts'
import type { ThreadHandle } from './thread-handle.ts'
import { type WatchTimes, watchThread } from './watch-thread.ts'

/** The place of one worker: there is always a thread in it, or one on its way. */
export interface Slot extends Pick<ThreadHandle, 'report' | 'check' | 'believe'> {
  readonly number: number
  /** The port that the first thread listens on; rejects when it cannot. */
  readonly opened: Promise<number>
  isListening(): boolean
  /** Sends a change. True when requests see it; undefined where no thread answers requests yet, and so nobody has to wait. */
  follow(events: readonly DomainEvent[]): Promise<void> | undefined
  /** Lets the thread finish its requests, at most so long. */
  close(deadlineMs: number): Promise<void>
}

/** What a slot needs. */
export interface SlotDeps {
  /** Starts a thread; `turn` is how many were here before it. */
  readonly start: (turn: number) => ThreadHandle
  readonly port: () => Promise<number>
  /** Called when a thread answers requests. */
  readonly listening: () => void
  /** Called after each thread: what it left behind is to be put in order. */
  readonly ended: (turn: number) => void
  readonly watch: WatchTimes
  readonly log: Log
}

const firstDelayMs = 100
const mostDelayMs = 10_000
/** A thread that has lived so long did not end because of how it was started. */
const steadyMs = 60_000
/** What a thread may take to end, beyond the time that its requests have. */
const graceMs = 5_000

/** Fills a slot, and fills it again whenever its thread ends; sooner at first, and ever later while that does not help. */
export function openSlot(number: number, deps: SlotDeps): Slot {
  const opened = Promise.withResolvers<number>()
  opened.promise.catch(() => {})
  let thread = deps.start(0)
  let isAwaited = false
  let isListening = false
  let isClosing = false
  let wake = (): void => {}

  /** Ends a thread that answers nobody any more, so that another one takes its place. */
  function watch(watched: ThreadHandle): () => void {
    const hung = (): void => {
      deps.log.error({ worker: number }, 'a gateway worker does not answer any more and is ended')
      watched.terminate()
    }
    return watchThread(() => watched.ping(), hung, deps.watch)
  }

  async function live(): Promise<Error | undefined> {
    let unwatch = (): void => {}
    try {
      await thread.loaded
      // From now on whoever writes waits for it, so that what it does not have yet cannot matter once it listens.
      isAwaited = true
      const port = await thread.listen(await deps.port())
      isListening = !isClosing
      opened.resolve(port)
      unwatch = watch(thread)
      if (isListening) deps.listening()
    } catch (error) {
      opened.reject(error)
      thread.terminate()
      await thread.ended
      return error as Error
    }
    return thread.ended.finally(unwatch)
  }

  async function keep(): Promise<void> {
    let delayMs = firstDelayMs
    for (let turn = 0; ; turn++) {
      const startedAt = performance.now()
      const error = await live()
      isAwaited = false
      isListening = false
      deps.ended(turn)
      if (isClosing) return
      if (performance.now() - startedAt > steadyMs) delayMs = firstDelayMs
      deps.log.error({ error, worker: number, delay_ms: delayMs }, 'a gateway worker ended and is replaced')
      await pause(delayMs)
      if (isClosing) return
      delayMs = Math.min(delayMs * 2, mostDelayMs)
      thread = deps.start(turn + 1)
    }
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  const kept = keep()
  return {
    number,
    opened: opened.promise,
    isListening: () => isListening,
    follow(events) {
      const followed = thread.follow(events)
      return isAwaited ? followed : undefined
    },
    report: () => thread.report(),
    check: () => thread.check(),
    believe: (down) => thread.believe(down),
    async close(deadlineMs) {
      isClosing = true
      isListening = false
      wake()
      thread.close(deadlineMs)
      const timer = setTimeout(() => thread.terminate(), deadlineMs + graceMs)
      await kept
      clearTimeout(timer)
    },
  }
}
