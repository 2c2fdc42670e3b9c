const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const form = /^([1-9]\d{0,4})([smhd])$/

/** The milliseconds of a length of time as settings write it (`90s`, `30m`, `168h`, `7d`); undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = form.exec(text) ?? []
  const each = unit === undefined ? undefined : unitMs[unit]
  return each === undefined ? undefined : Number(count) * each
}
