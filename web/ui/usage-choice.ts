import { text } from '@/text/en.ts'

/** What is shown of usage; it is kept in the address, so that it can be shared. */
export interface UsageChoice {
  readonly range?: string
  readonly by?: string
  /** Whose use; everybody's unless given. */
  readonly of?: string
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

/** Reads a choice out of an address. */
export const usageChoice = ({ range, by, of }: Record<string, unknown>): UsageChoice => ({
  ...(typeof range === 'string' && Object.hasOwn(ranges, range) ? { range } : {}),
  ...(typeof by === 'string' ? { by } : {}),
  ...(typeof of === 'string' && of !== '' ? { of } : {}),
})
