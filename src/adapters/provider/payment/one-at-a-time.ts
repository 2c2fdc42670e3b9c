/** Runs work; of what is asked for under one name, one after the other in this process. */
export type OneAtATime = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** For services that know no idempotency keys: looking whether it is done already, and doing it, must not be interleaved. */
export function createOneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve()
    const running = before.then(work, work)
    last.set(name, running)
    try {
      return await running
    } finally {
      if (last.get(name) === running) last.delete(name)
    }
  }
}
