const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A calendar month in UTC: [start, end) in milliseconds, and its label `YYYY-MM`. */
export interface Month {
  readonly start: number
  readonly end: number
  readonly label: string
}

/** The calendar month (UTC) that a moment falls in. */
export function monthOf(atMs: number): Month {
  const date = new Date(atMs)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  return {
    start: Date.UTC(year, month),
    end: Date.UTC(year, month + 1),
    label: date.toISOString().slice(0, 7),
  }
}

/** The month named `YYYY-MM`; undefined when the text names none. */
export function parseMonth(label: string): Month | undefined {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(label)) return undefined
  return monthOf(Date.parse(`${label}-01T00:00:00Z`))
}

/** The first millisecond of the minute. */
export const minuteStart = (atMs: number): number => atMs - (atMs % minuteMs)

/** The first millisecond of the hour, UTC. */
export const hourStart = (atMs: number): number => atMs - (atMs % hourMs)

/** The first millisecond of the day, UTC. */
export const dayStart = (atMs: number): number => atMs - (atMs % dayMs)
