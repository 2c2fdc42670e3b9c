/** A row of somewhere else, by column. */
export type DataRow = Readonly<Record<string, unknown>>

/** A place in an order: the value of the column and the key of a row. */
export type Place = readonly [value: unknown, key: unknown]

/** What to read of a table, in which order, and how much. */
export interface RowQuery {
  readonly table: string
  readonly orderBy: string
  readonly key: string
  readonly after: Place | undefined
  readonly limit: number
}

const numberForm = /^-?\d{1,15}(?:\.\d{1,9})?$/

/** Files and APIs write numbers as texts: what looks like a number is compared as one, and comes before all other texts. */
function compareValues(a: unknown, b: unknown): number {
  const [x, y] = [String(a), String(b)]
  const [isNumber, isOther] = [numberForm.test(x), numberForm.test(y)]
  if (isNumber !== isOther) return isNumber ? -1 : 1
  if (isNumber && Number(x) !== Number(y)) return Number(x) - Number(y)
  return x < y ? -1 : x > y ? 1 : 0
}

/** Orders places: by value, then by key. */
export const comparePlaces = (a: Place, b: Place): number =>
  compareValues(a[0], b[0]) || compareValues(a[1], b[1])

const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

/** Where a row stands; undefined for one without a value or a key. */
export function placeOf(row: DataRow, orderBy: string, key: string): Place | undefined {
  const place = [row[orderBy], row[key]] as const
  return place.every(isThere) ? place : undefined
}

/** Reads a place as it is handed back by whoever reads page by page; undefined for what is none. */
export function parsePlace(after: unknown): Place | undefined {
  return Array.isArray(after) && after.length === 2 ? [after[0], after[1]] : undefined
}
