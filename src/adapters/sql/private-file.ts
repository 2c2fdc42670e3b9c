import { closeSync, openSync } from 'node:fs'

/**
 * Makes an empty file that only its owner may read, unless it is there already; SQLite gives the files beside it the same mode. It
 * never opens a file that exists: closing that would give up the locks that this process holds on it. What cannot be made is left for
 * whoever opens it to explain.
 */
export function makePrivateFile(path: string): void {
  if (path === ':memory:') return
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch {
    // It is there, or opening it says why it is not.
  }
}
