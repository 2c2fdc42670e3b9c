/** Which count a limit has in the table: two independent 32-bit hashes of what it is counted by, and where it was last found. */
export interface ScopeKey {
  readonly low: number
  readonly high: number
  /** Only a hint, looked at first. */
  slot: number
}

/** Hashes text to the key of a count; the seed is the table's, so that nobody outside can choose two texts that meet. */
export function scopeKey(text: string, seed: { readonly low: number; readonly high: number }): ScopeKey {
  let low = seed.low | 0
  let high = seed.high | 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    low = Math.imul(low ^ code, 0x85ebca6b)
    low ^= low >>> 15
    high = Math.imul(high + code, 0x9e3779b1)
    high = (high << 13) | (high >>> 19)
  }
  low = finished(low ^ text.length)
  high = finished(high + text.length)
  // Zero is what a slot holds that was never taken.
  return low === 0 && high === 0 ? { low: 1, high: 0, slot: -1 } : { low, high, slot: -1 }
}

/** Spreads every bit over all of them. */
function finished(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b)
  return (twice ^ (twice >>> 16)) | 0
}
