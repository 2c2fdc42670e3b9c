/** How much of a key may be shown to recognise it by. */
const prefixLength = 15
const leastRandomShown = 6

const longestKey = 256

/** A raw gateway key: the typed prefix and 256 bits as 64 hex characters. */
export const composeKey = (typePrefix: string, randomHex: string): string => `${typePrefix}${randomHex}`

/** The part of a raw key that may be stored and shown: it tells keys apart however long the typed prefix of all of them is. */
export const shownPrefix = (rawKey: string, typePrefix = ''): string =>
  rawKey.slice(0, Math.max(prefixLength, typePrefix.length + leastRandomShown))

/** True for a stored hash that costs time to verify, and that no key can be looked up by. */
export const isSlowKeyHash = (hash: string): boolean => !hash.startsWith('hmac-sha256:')

/** True for what could be a key at all; anything else is refused without a hash. */
export const isKeyShaped = (text: string): boolean =>
  text.length > 0 && text.length <= longestKey && /^[\x21-\x7e]+$/.test(text)

const ownSecret = /(?:^|[^A-Za-z0-9_])[a-z][a-z0-9_]*_[0-9a-f]{64}(?![0-9A-Za-z])/

/** True for a text that holds one of our own secrets, of any kind and prefix, so that it must not be passed to an upstream. */
export const holdsOurSecret = (text: string, typePrefix: string): boolean =>
  text.startsWith(typePrefix) || ownSecret.test(text)

/** The token of an `Authorization: Bearer` value; undefined for another scheme. The scheme's case does not matter. */
export function bearerToken(authorization: string): string | undefined {
  if (authorization.length < 8 || authorization.charCodeAt(6) !== 32) return undefined
  if (authorization.slice(0, 6).toLowerCase() !== 'bearer') return undefined
  return authorization.slice(7).trim()
}
