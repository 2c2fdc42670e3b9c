import { createHash } from 'node:crypto'

const longest = 63

/** A name for an index or a rule that no database cuts, after which two could have the same one. */
export function databaseName(...parts: readonly string[]): string {
  const name = parts.join('_')
  if (name.length <= longest) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, longest - 9)}_${digest}`
}
