const signals = { SIGINT: 130, SIGTERM: 143 } as const

/** What runs until it is told to stop. */
export interface Stoppable {
  close(): Promise<void>
  /** Requests in flight, where that is known. */
  active?(): number
}

/** Waits for SIGINT or SIGTERM, then closes. A second signal ends the process at once. Rejects when closing fails. */
export async function closeOnSignal(running: Stoppable, say: (line: string) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    let hasBegun = false
    for (const [signal, exitCode] of Object.entries(signals)) {
      process.on(signal, () => {
        if (hasBegun) process.exit(exitCode)
        hasBegun = true
        say(`${signal}: ${drainText(running.active?.())} (once more to end at once)`)
        resolve()
      })
    }
  })
  await running.close()
  say('stopped')
}

function drainText(active: number | undefined): string {
  if (active === undefined) return 'finishing the requests in flight'
  return active === 0
    ? 'no requests in flight'
    : `finishing ${active} request${active === 1 ? '' : 's'} in flight`
}
