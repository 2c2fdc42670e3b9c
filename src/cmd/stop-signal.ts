const signals = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Waits for SIGINT or SIGTERM, then closes. A second signal ends the process at once. Rejects when closing fails.
 */
export async function closeOnSignal(close: () => Promise<void>, say: (line: string) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    let hasBegun = false
    for (const [signal, exitCode] of Object.entries(signals)) {
      process.on(signal, () => {
        if (hasBegun) process.exit(exitCode)
        hasBegun = true
        say(`${signal}: finishing the requests in flight (once more to end at once)`)
        resolve()
      })
    }
  })
  await close()
  say('stopped')
}
