import { types } from 'pg'

const oid = { bigint: 20, timestamptz: 1184 }

/** A whole number as JavaScript carries it exactly; throws beyond 2^53, as a wrong number is worse than none. */
function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number))
    throw new Error(`the database holds the number ${text}, which is too large to be read exactly`)
  return number
}

const form = /^(\d{4,})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00( BC)?$/

/** An instant as PostgreSQL writes it in UTC, as ISO 8601 with milliseconds. */
export function instant(text: string): string {
  const match = form.exec(text)
  if (match === null)
    throw new Error(`the database holds the time ${text}, which is none that was stored here`)
  const [, year = '', month, day, time, fraction = '', era] = match
  const written = era === undefined ? year : '0000'
  return `${written}-${month}-${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
}

/** How values come out of PostgreSQL: whole numbers as numbers, times as ISO 8601, the rest as the driver gives them. */
export const valueTypes = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && id === oid.bigint) return wholeNumber
    if (format !== 'binary' && id === oid.timestamptz) return instant
    return types.getTypeParser(id, format as 'text')
  }) as typeof types.getTypeParser,
}

/** The year 0 of ISO 8601 is 1 BC to PostgreSQL. */
export const storedInstant = (value: unknown): unknown =>
  typeof value === 'string' && value.startsWith('0000-') ? `0001${value.slice(4)} BC` : value
