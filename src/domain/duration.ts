const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const form = /^([1-9]\d{0,4})([smhd])$/

/** The moment that a text names: a time (ISO 8601, with its zone), or a length of time from now on; undefined for any other text. */
export function momentOf(text: string, nowMs: number): number | undefined {
  const lengthMs = durationMs(text)
  if (lengthMs !== undefined) return nowMs + lengthMs
  const atMs = /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? undefined : atMs
}

/** The milliseconds of a length of time as settings write it (`90s`, `30m`, `168h`, `7d`); undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = form.exec(text) ?? []
  const each = unit === undefined ? undefined : unitMs[unit]
  return each === undefined ? undefined : Number(count) * each
}
