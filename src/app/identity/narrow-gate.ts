/** Lets a few works run at once and a few more wait; whoever comes after that is to be turned away. */
export interface NarrowGate {
  /** True when a work given now would have to be turned away. */
  isFull(): boolean
  /** Runs a work as soon as there is room, first come first served; call it only when the gate is not full. */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** A gate for `mostAtOnce` running and `mostWaiting` waiting works. */
export function createNarrowGate(options: {
  readonly mostAtOnce: number
  readonly mostWaiting: number
}): NarrowGate {
  const { mostAtOnce, mostWaiting } = options
  const waiting: (() => void)[] = []
  let running = 0
  return {
    isFull: () => running >= mostAtOnce && waiting.length >= mostWaiting,
    async run(work) {
      if (running < mostAtOnce) running += 1
      // Who leaves hands its place on, so that nobody can slip in between.
      else await new Promise<void>((resolve) => void waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    },
  }
}
