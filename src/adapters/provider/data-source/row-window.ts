import { comparePlaces, type DataRow, type Place, placeOf, type RowQuery } from './row-order.ts'

/** Somewhere that lists rows in an order of its own. */
export interface RowStream {
  /** All rows of a table; those before `since` may be left out. */
  rows(table: string, since: unknown): AsyncIterable<DataRow>
  /** Another text when the rows may be others. */
  version(table: string): Promise<string>
}

/** Reads pages in an order that the source does not have. */
export type ReadWindow = (query: RowQuery) => Promise<{ rows: readonly DataRow[]; hasMore: boolean }>

interface Placed {
  readonly place: Place
  readonly row: DataRow
}

interface Window {
  readonly name: string
  readonly from: Place | undefined
  readonly rows: readonly Placed[]
  readonly isLast: boolean
}

/**
 * Keeps the next rows of an order, at most `size` of them, of a source that is read from its beginning each time they are used up. Memory
 * stays bounded whatever the source holds; what is kept counts only for as long as the source stays the same.
 */
export function createRowWindow(source: RowStream, size: number): ReadWindow {
  let kept: Window | undefined

  return async ({ table, orderBy, key, after, limit }) => {
    const name = JSON.stringify([table, orderBy, key, await source.version(table)])
    const isBehind = (from: Place): boolean => after !== undefined && comparePlaces(after, from) >= 0
    let window = kept?.name === name && (kept.from === undefined || isBehind(kept.from)) ? kept : undefined
    const isAfter = ({ place }: Placed): boolean => after === undefined || comparePlaces(place, after) > 0
    let rows = window?.rows.filter(isAfter) ?? []
    if (window === undefined || (rows.length <= limit && !window.isLast)) {
      const found = await smallest(source.rows(table, after?.[0]), Math.max(size, limit + 1))
      window = { name, from: after, ...found }
      kept = window
      rows = [...window.rows]
    }
    const hasMore = rows.length > limit || !window.isLast
    return { rows: rows.slice(0, limit).map(({ row }) => row), hasMore }

    /** The first rows after a place. Twice as many are held before the rest is let go, so that each costs little. */
    async function smallest(
      all: AsyncIterable<DataRow>,
      most: number,
    ): Promise<Pick<Window, 'rows' | 'isLast'>> {
      let found: Placed[] = []
      let isLast = true
      const settle = (): void => {
        found.sort((a, b) => comparePlaces(a.place, b.place))
        if (found.length > most) isLast = false
        found = found.slice(0, most)
      }
      for await (const row of all) {
        const place = placeOf(row, orderBy, key)
        if (place === undefined) continue
        const placed = { place, row }
        if (!isAfter(placed)) continue
        found.push(placed)
        if (found.length >= most * 2) settle()
      }
      settle()
      return { rows: found, isLast }
    }
  }
}
