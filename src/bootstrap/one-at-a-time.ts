/** Work that is asked for while it runs is done once more after that. */
export function oneAtATime(work: () => Promise<unknown>, failed: (error: unknown) => void) {
  let running: Promise<void> | undefined
  let isAskedAgain = false
  const run = (): void => {
    isAskedAgain = running !== undefined
    if (isAskedAgain) return
    running = work()
      .then(() => undefined, failed)
      .finally(() => {
        running = undefined
        if (isAskedAgain) run()
      })
  }
  return { run, idle: async () => running }
}
