import { text } from '@/text/en.ts'

/** What is shown of usage; it is kept in the address, so that it can be shared. */
export interface UsageChoice {
  readonly range?: string
  /** The first and the last day of a time of one's own, such as 2026-11-21, UTC. */
  readonly from?: string
  readonly to?: string
  readonly by?: string
  /** Whose use and of what; everybody's and everything unless given. */
  readonly of?: string
  readonly api?: string
  readonly route?: string
  readonly key?: string
}

/** The stretches of time that are offered, and how fine each is shown. */
export const ranges: Readonly<
  Record<string, { readonly label: string; readonly ms: number; readonly granularity: string }>
> = {
  hour: { label: text.lastHour, ms: 3_600_000, granularity: 'minute' },
  day: { label: text.lastDay, ms: 86_400_000, granularity: 'hour' },
  week: { label: text.lastWeek, ms: 7 * 86_400_000, granularity: 'hour' },
  month: { label: text.lastMonth, ms: 30 * 86_400_000, granularity: 'day' },
  year: { label: text.lastYear, ms: 365 * 86_400_000, granularity: 'day' },
}

/** The range that has days of its own. */
export const ownRange = 'own'

const dayMs = 86_400_000
const mostHours = 7

/** From when to when a choice asks, and in how fine points; undefined while its days are not complete, or the wrong way round. */
export function stretchOf(choice: UsageChoice, now: number): Readonly<Record<string, string>> | undefined {
  if (choice.range !== ownRange) {
    const { ms, granularity } = ranges[choice.range ?? 'month'] ?? { ms: 30 * dayMs, granularity: 'day' }
    // Whole days, today's among them: otherwise the first bar would hold more than the time that is asked for.
    const from = granularity === 'day' ? Math.floor(now / dayMs) * dayMs + dayMs - ms : now - ms
    return { from: new Date(from).toISOString(), granularity }
  }
  const from = Date.parse(`${choice.from}T00:00:00Z`)
  const to = Date.parse(`${choice.to}T00:00:00Z`) + dayMs
  // What cannot be read is no number, and neither more nor less than another.
  if (!(from < to)) return undefined
  const granularity = to - from <= mostHours * dayMs ? 'hour' : 'day'
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), granularity }
}

/** The choice with days of its own, beginning with those that were shown until now. */
export function withOwnDays(choice: UsageChoice, now: number): UsageChoice {
  const { ms } = ranges[choice.range ?? 'month'] ?? { ms: 30 * dayMs }
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
  return { ...choice, range: ownRange, from: day(now - ms + (ms > dayMs ? dayMs : 0)), to: day(now) }
}

const texts = ['by', 'of', 'api', 'route', 'key', 'from', 'to'] as const

/** Reads a choice out of an address. */
export function usageChoice(search: Readonly<Record<string, unknown>>): UsageChoice {
  const { range } = search
  const isOffered = typeof range === 'string' && (Object.hasOwn(ranges, range) || range === ownRange)
  const named = texts.flatMap((name) => {
    const value = search[name]
    return typeof value === 'string' && value !== '' ? [[name, value]] : []
  })
  return { ...(isOffered ? { range } : {}), ...Object.fromEntries(named) }
}
