/** Whole seconds between two moments: money knows no smaller ones. */
export const secondsBetween = (fromMs: number, toMs: number): number =>
  Math.max(0, Math.floor(toMs / 1000) - Math.floor(fromMs / 1000))

/** The part of an amount that so many of all seconds stand for, rounded half up once. */
export function partOf(amountMinor: bigint, seconds: number, ofSeconds: number): bigint {
  if (ofSeconds <= 0 || seconds >= ofSeconds) return amountMinor
  const whole = BigInt(ofSeconds)
  return (2n * amountMinor * BigInt(seconds) + whole) / (2n * whole)
}
