/** An answer whose head waits for its body. */
interface WaitingHead {
  flushHead(): void
}

/** Heads that leave at the end of this turn, if they are still waiting then: one immediate for all of them. */
export interface HeadQueue {
  add(waiting: WaitingHead): void
}

/** Creates the queue of one gateway process. */
export function createHeadQueue(): HeadQueue {
  let waiting: WaitingHead[] = []
  const flush = (): void => {
    const due = waiting
    waiting = []
    for (const one of due) one.flushHead()
  }
  return {
    add(one) {
      if (waiting.push(one) === 1) setImmediate(flush)
    },
  }
}
