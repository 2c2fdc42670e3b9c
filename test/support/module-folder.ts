import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AtTheEnd } from './at-the-end.ts'

/** A new folder that is removed at the end of the test, or when something else ends. */
export function temporaryFolder(atTheEnd: AtTheEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'apigate-test-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder of module files (name to YAML) that is removed at the end of the test. */
export function moduleFolder(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}
