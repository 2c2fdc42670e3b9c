import type { Log } from '#ports/log.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'

/** Work that an answer does not wait for, so that its time tells nothing about what there was to do. */
export interface Background {
  /** Starts a work, or leaves it when too much is going on: only for what people can ask for again. */
  start(what: string, work: () => Promise<void>): void
  /** Waits until everything that was started is done. */
  idle(): Promise<void>
}

/** Background work, a few at once and a bounded number waiting; failures stand in the log. */
export function createBackground(deps: { readonly gate: NarrowGate; readonly log: Log }): Background {
  const running = new Set<Promise<void>>()
  return {
    start(what, work) {
      if (deps.gate.isFull()) {
        deps.log.warn({ what }, 'too much to do after answers: this was left')
        return
      }
      const done = deps.gate
        .run(work)
        .catch((error: unknown) => deps.log.error({ what, error }, 'work after an answer failed'))
        .finally(() => running.delete(done))
      running.add(done)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
