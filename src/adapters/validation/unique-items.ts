/** True when no two items are equal as JSON values; takes time in proportion to their size. */
export function holdsNoTwins(items: readonly unknown[]): boolean {
  const seen = new Set<string>()
  for (const item of items) {
    const text = JSON.stringify(item, inOrder)
    if (seen.has(text)) return false
    seen.add(text)
  }
  return true
}

/** Members in the order of their names, because the order in which they were sent does not count. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
