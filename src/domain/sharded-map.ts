const shardCount = 256

/**
 * An immutable map from text to values. `with` and `without` copy one of 256 shards, so that changing one entry of
 * 100,000 copies about 400 and every older version stays as it was.
 */
export interface ShardedMap<T> {
  readonly size: number
  get(key: string): T | undefined
  with(key: string, value: T): ShardedMap<T>
  without(key: string): ShardedMap<T>
  values(): IterableIterator<T>
  entries(): IterableIterator<[string, T]>
}

/** Builds a map from entries; a later entry replaces an earlier one with the same key. */
export function shardedMap<T>(entries: Iterable<readonly [string, T]> = []): ShardedMap<T> {
  const shards: Map<string, T>[] = Array.from({ length: shardCount }, () => new Map())
  for (const [key, value] of entries) shards[shardOf(key)]?.set(key, value)
  return wrap(shards, countOf(shards))
}

// The last characters vary most: ids end in random characters, digests in hex.
function shardOf(key: string): number {
  const end = key.length
  return (
    ((key.charCodeAt(end - 1) * 31 + key.charCodeAt(end - 2)) * 31 + key.charCodeAt(end - 3)) &
    (shardCount - 1)
  )
}

function countOf<T>(shards: readonly Map<string, T>[]): number {
  return shards.reduce((sum, shard) => sum + shard.size, 0)
}

function wrap<T>(shards: readonly Map<string, T>[], size: number): ShardedMap<T> {
  const replaced = (key: string, change: (shard: Map<string, T>) => void): ShardedMap<T> => {
    const index = shardOf(key)
    const before = shards[index] ?? new Map<string, T>()
    const after = new Map(before)
    change(after)
    return wrap(shards.with(index, after), size - before.size + after.size)
  }
  return {
    size,
    get: (key) => shards[shardOf(key)]?.get(key),
    with: (key, value) => replaced(key, (shard) => shard.set(key, value)),
    without: (key) => replaced(key, (shard) => shard.delete(key)),
    *values() {
      for (const shard of shards) yield* shard.values()
    },
    *entries() {
      for (const shard of shards) yield* shard.entries()
    },
  }
}
