/** Hashes for machine-made secrets of 256 bits: keyed, fast, unique, so that a lookup is one index probe. */
export interface TokenDigest {
  /** The self-describing digest of a raw token, for example `hmac-sha256:v1:<hex>`. */
  digest(raw: string): string
}

/** How new passwords are hashed. */
export type PasswordKind = { readonly name: 'argon2id' } | { readonly name: 'bcrypt'; readonly cost: number }

/** Slow hashes for passwords that people choose, of either kind. */
export interface PasswordHashing {
  hash(password: string, kind: PasswordKind): Promise<string>
  /** False for a wrong password and for a malformed hash; takes as long as a hash of that kind for an undefined one. */
  verify(hash: string | undefined, password: string, kind: PasswordKind): Promise<boolean>
  /** True for a text that has the form of a hash which can be verified. */
  isKnown(hash: string): boolean
  /** True when the hash of this password would be made otherwise today. */
  isOutdated(hash: string, password: string, kind: PasswordKind): boolean
}

/** The same, of the kind that the instance has chosen at that moment. */
export interface PasswordHash {
  hash(password: string): Promise<string>
  verify(hash: string | undefined, password: string): Promise<boolean>
  isOutdated(hash: string, password: string): Promise<boolean>
}

/** Slow hashes of keys: of those that another system made and hashed, and of ours where that is wanted. */
export interface KeyHash {
  hash(rawKey: string): Promise<string>
  /** Off the thread of its caller. False for another key and for a hash of no known form. */
  verify(hash: string, rawKey: string): Promise<boolean>
  /** True for a text that has the form of a hash which can be verified. */
  isKnown(hash: string): boolean
}
