import { isKeyShaped, isSlowKeyHash } from '#domain/key.ts'
import type { KeyHash } from '#ports/hashing.ts'
import type { Records } from '#ports/records.ts'

/** The stored slow hash that a key is the text of; undefined where there is none. */
export type FindSlowHash = (rawKey: string) => Promise<string | undefined>

const shortest = 6
const longest = 32
/** Of keys that begin alike; more than that are never brought. */
const mostTried = 16

/** Looks through the keys that begin like it, with one query. */
export const createFindSlowHash =
  (deps: { readonly records: Records; readonly keyHash: Pick<KeyHash, 'verify'> }): FindSlowHash =>
  async (rawKey) => {
    if (!isKeyShaped(rawKey) || rawKey.length < shortest) return undefined
    const lengths = Array.from({ length: longest - shortest + 1 }, (_, index) => shortest + index)
    const value = [...new Set(lengths.map((length) => rawKey.slice(0, length)))]
    const { items } = await deps.records.list('api_key', {
      where: [{ field: 'prefix', op: 'in', value }],
      limit: 100,
    })
    const slow = items.flatMap(({ hash }) => (hash !== null && isSlowKeyHash(hash) ? [hash] : []))
    for (const hash of slow.slice(0, mostTried)) if (await deps.keyHash.verify(hash, rawKey)) return hash
    return undefined
  }
