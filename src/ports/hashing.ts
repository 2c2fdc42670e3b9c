/** Hashes for machine-made secrets of 256 bits: keyed, fast, unique, so that a lookup is one index probe. */
export interface TokenDigest {
  /** The self-describing digest of a raw token, for example `hmac-sha256:v1:<hex>`. */
  digest(raw: string): string
}

/** Slow hashes for passwords that people choose. */
export interface PasswordHash {
  hash(password: string): Promise<string>
  /** False for a wrong password and for a malformed hash; takes as long for an undefined hash. */
  verify(hash: string | undefined, password: string): Promise<boolean>
  /** True for a text that has the form of a hash which can be verified. */
  isKnown(hash: string): boolean
  /** True for a hash that would be made otherwise today. */
  isOutdated(hash: string): boolean
}

/** Slow hashes of keys: of those that another system made and hashed, and of ours where that is wanted. */
export interface KeyHash {
  hash(rawKey: string): Promise<string>
  /** Off the thread of its caller. False for another key and for a hash of no known form. */
  verify(hash: string, rawKey: string): Promise<boolean>
  /** True for a text that has the form of a hash which can be verified. */
  isKnown(hash: string): boolean
}
