import { accept, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'

interface Entry {
  readonly value: string
  readonly bytes: number
  /** Milliseconds UTC; infinity for an entry that only the bounds remove. */
  readonly endsAt: number
}

/** What an entry costs beside its texts, roughly. */
const overheadBytes = 64

/**
 * A cache in this process: bounded in entries and bytes, the ones that were not used for the longest time go first. A map in the order
 * of use: taking an entry out and putting it back makes it the newest.
 */
export const createMemoryCache = (): OpenProviderCode<ProviderActions<'cache'>> => (host) => {
  const { clock } = host
  const mostEntries = Number(host.config['most_entries'])
  const mostBytes = Number(host.config['most_bytes'])
  const entries = new Map<string, Entry>()
  let bytes = 0

  const remove = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    entries.delete(key)
    bytes -= entry.bytes
    return entry
  }
  /** The entry, unless its time is over; the newest from now on. */
  const touch = (key: string): Entry | undefined => {
    const entry = remove(key)
    if (entry === undefined || entry.endsAt <= clock.now()) return undefined
    return keep(key, entry)
  }
  function keep(key: string, entry: Entry): Entry {
    entries.set(key, entry)
    bytes += entry.bytes
    return entry
  }
  const put = (key: string, value: string, endsAt: number): boolean => {
    remove(key)
    const size = (key.length + value.length) * 2 + overheadBytes
    if (size > mostBytes) return false
    keep(key, { value, bytes: size, endsAt })
    for (const oldest of entries.keys()) {
      if (entries.size <= mostEntries && bytes <= mostBytes) break
      remove(oldest)
    }
    return true
  }
  const endOf = (ttlMs: number | undefined | null): number =>
    ttlMs === undefined || ttlMs === null ? Number.POSITIVE_INFINITY : clock.now() + ttlMs

  return {
    actions: {
      async get({ key }) {
        const entry = touch(key)
        return accept(entry === undefined ? { found: false } : { found: true, value: entry.value })
      },
      async set({ key, value, ttl_ms: ttlMs, only_if_absent: onlyIfAbsent }) {
        if (onlyIfAbsent === true && touch(key) !== undefined) return accept({ stored: false })
        return accept({ stored: put(key, value, endOf(ttlMs)) })
      },
      async delete({ key }) {
        const isThere = touch(key) !== undefined
        remove(key)
        return accept({ deleted: isThere })
      },
      async increment({ key, by, ttl_ms: ttlMs }) {
        const entry = touch(key)
        const before = Number(entry?.value ?? 0)
        const value = before + (by ?? 1)
        if (!Number.isSafeInteger(before) || !Number.isSafeInteger(value))
          return refuse('conflict', 'The value is no whole number that can be counted up', { field: 'key' })
        put(key, String(value), entry?.endsAt ?? endOf(ttlMs))
        return accept({ value })
      },
    },
    close() {
      entries.clear()
    },
  }
}
