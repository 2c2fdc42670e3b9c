import { type ShardedMap, shardedMap } from './sharded-map.ts'

/** Keys of which only a slow hash is known, found by what they begin with. Immutable. */
export interface SlowKeys {
  /** How long the beginnings are that occur. */
  readonly lengths: readonly number[]
  /** The hashes of all keys with one beginning. */
  readonly byPrefix: ShardedMap<readonly string[]>
}

/** Where no key has a slow hash. */
export const noSlowKeys: SlowKeys = { lengths: [], byPrefix: shardedMap() }

/** What there is with one more; the same when it is there already. */
export function withSlowKey(keys: SlowKeys, prefix: string, hash: string): SlowKeys {
  const known = keys.byPrefix.get(prefix) ?? []
  if (known.includes(hash)) return keys
  const { length } = prefix
  return {
    lengths: keys.lengths.includes(length) ? keys.lengths : [...keys.lengths, length],
    byPrefix: keys.byPrefix.with(prefix, [...known, hash]),
  }
}

/** What there is with one less. */
export function withoutSlowKey(keys: SlowKeys, prefix: string, hash: string): SlowKeys {
  const known = keys.byPrefix.get(prefix)
  if (known?.includes(hash) !== true) return keys
  const left = known.filter((each) => each !== hash)
  const { byPrefix } = keys
  return { ...keys, byPrefix: left.length === 0 ? byPrefix.without(prefix) : byPrefix.with(prefix, left) }
}

/** The hashes that a raw key could be the text of. */
export function slowHashesLike({ lengths, byPrefix }: SlowKeys, rawKey: string): readonly string[] {
  if (byPrefix.size === 0) return []
  return lengths.flatMap((length) => byPrefix.get(rawKey.slice(0, length)) ?? [])
}
