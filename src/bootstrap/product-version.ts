import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** The version of this product, from its manifest. */
export function productVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'),
  )
  return String((manifest as { version?: unknown }).version)
}
