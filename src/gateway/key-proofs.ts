import { type Refusal, refuse } from '#contract/outcome.ts'
import { isKeyShaped } from '#domain/key.ts'
import { slowHashesLike } from '#domain/slow-keys.ts'
import type { KeyHash, TokenDigest } from '#ports/hashing.ts'
import type { SnapshotHolder } from './snapshot.ts'
import type { WrongKeys } from './wrong-keys.ts'

/** A key that was shown to be the one whose slow hash is stored. */
export interface KeyProof {
  readonly keyId: string
  readonly hash: string
  /** The digest that the key can be looked up by from now on. */
  readonly digest: string
}

/** Finds out to which slow hash a key belongs, once; after that it is known by its digest. */
export interface KeyProofs {
  /** The slow hash that a digest was shown to belong to. */
  hashOf(digest: string): string | undefined
  /**
   * Undefined where no stored key begins like this one, or all of them were tried with it: it is unknown. Otherwise tries them off this
   * thread, or refuses to because too much is being tried already. True when the key is known now.
   */
  prove(rawKey: string | undefined, address: string): Promise<boolean> | Refusal | undefined
}

const hashesAtOnce = 2
const mostWaiting = 32
const mostRemembered = 10_000
/** More than there can be keys that nobody has re-hashed yet and that are used all the same. */
const mostProven = 200_000

const crowded = refuse('service_unavailable', 'Too many keys are being verified; try again')
/** Creates the proofs of one gateway thread. `proven` hears of each key that was shown to be one. */
export function createKeyProofs(deps: {
  readonly snapshots: SnapshotHolder
  readonly tokenDigest: TokenDigest
  readonly keyHash: Pick<KeyHash, 'verify'>
  readonly wrongKeys: WrongKeys
  readonly proven: (proof: KeyProof) => void
}): KeyProofs {
  const { snapshots, keyHash } = deps
  const known = new Map<string, string>()
  const refuted = new Map<string, readonly string[]>()
  const underWay = new Map<string, Promise<boolean>>()
  const waiting: (() => void)[] = []
  let running = 0

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= hashesAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  async function tryAll(rawKey: string, digest: string, hashes: readonly string[]): Promise<boolean> {
    for (const hash of hashes) {
      if (!(await inTurn(() => keyHash.verify(hash, rawKey)))) continue
      const entry = snapshots.current().keys.get(hash)
      remember(known, digest, hash, mostProven)
      if (entry !== undefined) deps.proven({ keyId: entry.id, hash, digest })
      return true
    }
    return false
  }

  async function prove(rawKey: string, digest: string, hashes: readonly string[], succeed: () => void) {
    try {
      const isFound = await tryAll(rawKey, digest, hashes)
      if (isFound) succeed()
      else remember(refuted, digest, [...(refuted.get(digest) ?? []), ...hashes], mostRemembered)
      return isFound
    } finally {
      underWay.delete(digest)
    }
  }

  return {
    hashOf: (digest) => known.get(digest),
    prove(rawKey, address) {
      if (rawKey === undefined || !isKeyShaped(rawKey)) return undefined
      const like = slowHashesLike(snapshots.current().slowKeys, rawKey)
      if (like.length === 0) return undefined
      const digest = deps.tokenDigest.digest(rawKey)
      const begun = underWay.get(digest)
      if (begun !== undefined) return begun
      const tried = refuted.get(digest)
      const hashes = tried === undefined ? like : like.filter((hash) => !tried.includes(hash))
      if (hashes.length === 0) return undefined
      if (waiting.length >= mostWaiting) return crowded
      const attempt = deps.wrongKeys.attempt(address)
      if (!attempt.ok) return attempt
      const proof = prove(rawKey, digest, hashes, attempt.succeed)
      underWay.set(digest, proof)
      return proof
    },
  }
}

/** The oldest goes first. */
function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  const oldest = map.size >= most ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
  map.set(key, value)
}
