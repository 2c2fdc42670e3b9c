import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '#contract/outcome.ts'
import { makePrivateFile } from './private-file.ts'

/**
 * Makes the directory when it is missing, and this process the one server of a data directory until release() or its end; throws a Fault when another process is.
 * The lock is SQLite's own on a small file, so the operating system gives it back however the process ends.
 */
export function lockDataDirectory(directory: string): { release(): void } {
  return lockFile(
    directory,
    'server.lock',
    `Another APIGate server is using ${directory}: stop it, or name another data directory`,
  )
}

/** The same for those who change what servers share: one at a time, beside a server or without one. */
export function lockFile(directory: string, file: string, refusal: string): { release(): void } {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, file)
  makePrivateFile(path)
  const lock = new DatabaseSync(path)
  try {
    lock.exec('pragma busy_timeout = 0; begin exclusive')
  } catch (cause) {
    lock.close()
    throw new Fault('conflict', refusal, { cause })
  }
  return { release: () => lock.close() }
}
