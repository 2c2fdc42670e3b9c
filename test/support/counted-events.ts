/**
 * How many of these usage events count towards the quota that an answer tells of, by its X-Quota-Reset: those of the month that ends
 * then. For tests whose clocks run, which may do so over the end of a month.
 */
export function countedBefore(reset: unknown, events: readonly Record<string, unknown>[]): number {
  const end = new Date(Number(reset) * 1_000)
  const start = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - 1)
  return events.filter(({ at }) => Number(at) >= start && Number(at) < end.getTime()).length
}
