import { detached } from './detached.ts'

const mostNames = 2_000
const longestName = 64

/**
 * Remembers what was decided for a field name as it was spelt: peers spell the same few names the same way each time. Bounded in number
 * and length, because strangers choose the names.
 */
export function rememberNames<T>(decide: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>()
  return (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const decided = decide(name)
    if (known.size < mostNames && name.length <= longestName) known.set(detached(name), decided)
    return decided
  }
}
