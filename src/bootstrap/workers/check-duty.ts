import type { Slot } from './slot.ts'

/** Sees to it that one worker asks the upstreams for their health, and that all know the answer. */
export interface CheckDuty {
  /** A worker answers requests from now on. */
  joined(number: number): void
  /** A worker has ended. */
  left(number: number): void
  /** What a worker found out: the targets that fail. */
  found(number: number, down: readonly string[]): void
}

/** Gives the duty to the first worker that comes, and to another one when that ends. */
export function createCheckDuty(slots: () => readonly Slot[]): CheckDuty {
  let checker: number | undefined
  let down: readonly string[] = []

  const slotOf = (number: number): Slot | undefined => slots().find((slot) => slot.number === number)
  function appoint(number: number): void {
    checker = number
    slotOf(number)?.check()
  }

  return {
    joined(number) {
      slotOf(number)?.believe(down)
      if (checker === undefined) appoint(number)
    },
    left(number) {
      if (number !== checker) return
      checker = undefined
      const next = slots().find((slot) => slot.number !== number && slot.isListening())
      if (next !== undefined) appoint(next.number)
    },
    found(number, targets) {
      if (number !== checker) return
      down = targets
      for (const slot of slots()) if (slot.number !== number) slot.believe(down)
    },
  }
}
