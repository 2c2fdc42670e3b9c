import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#contract/outcome.ts'
import type { Clock, TestClock } from '#ports/clock.ts'

const fileIn = (dataDirectory: string): string => join(dataDirectory, 'test-clock.json')

/** Whether the records of a data directory live in the time of a test clock that was moved. */
export const isInTestTime = (dataDirectory: string): boolean => existsSync(fileIn(dataDirectory))

/**
 * A clock that goes on as the machine's does, ahead of it by as much as it was moved. That stands in the data directory, so that every
 * later start and command lives in the same time.
 */
export function openTestClock(dataDirectory: string, machine: Clock = { now: Date.now }): TestClock {
  const file = fileIn(dataDirectory)
  let aheadMs = existsSync(file) ? readAhead(file) : 0
  const now = (): number => machine.now() + aheadMs
  return {
    now,
    aheadMs: () => aheadMs,
    moveTo(atMs) {
      if (!Number.isSafeInteger(atMs) || atMs < now())
        throw new Fault('conflict', 'the time of a test clock only moves forward')
      const next = atMs - machine.now()
      // All of it or nothing, also when the machine stops in between.
      writeFileSync(`${file}.new`, `${JSON.stringify({ ahead_ms: next })}\n`, { mode: 0o600, flush: true })
      renameSync(`${file}.new`, file)
      aheadMs = next
    },
  }
}

function readAhead(file: string): number {
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const { ahead_ms: ahead } = (read ?? {}) as { ahead_ms?: unknown }
  if (!Number.isSafeInteger(ahead) || Number(ahead) < 0)
    throw new Fault('conflict', `${file} does not say how far the test clock was moved`)
  return Number(ahead)
}
