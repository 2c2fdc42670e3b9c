import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { type DataRow, parsePlace } from './row-order.ts'
import { createRowWindow, type RowStream } from './row-window.ts'

const windowRows = 20_000

/** A source of rows that can only be read from its beginning. */
export interface StreamSource extends RowStream {
  tables(): Promise<readonly string[]>
  /** A refusal where there is no such table. */
  check(table: string): Promise<Outcome<undefined>>
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 1000 && value.every((one) => typeof one === 'string')

const picked = (row: DataRow, columns: readonly string[] | undefined): DataRow =>
  columns === undefined ? row : Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))

/** The actions of `data_source` on a source that is read from its beginning. */
export function streamActions(source: StreamSource): ProviderActions<'data_source'> {
  const readWindow = createRowWindow(source, windowRows)
  const columnsOf = async (table: string): Promise<string[]> => {
    for await (const row of source.rows(table, undefined)) return Object.keys(row)
    return []
  }
  return {
    async describe({ table }) {
      if (table === undefined) {
        const names = await source.tables()
        return accept({ tables: names.map((name) => ({ name })) })
      }
      const known = await source.check(table)
      return known.ok ? accept({ tables: [{ name: table, columns: await columnsOf(table) }] }) : known
    },
    async read({ table, columns, order_by: orderBy, key, after, limit = 500 }) {
      const known = await source.check(table)
      if (!known.ok) return known
      if (columns !== undefined && !isTexts(columns))
        return refuseFields([{ field: 'columns', reason: 'must be a list of names' }])
      const place = parsePlace(after)
      if (after !== undefined && place === undefined)
        return refuseFields([{ field: 'after', reason: "must be a list of the last row's order_by and key" }])
      const { rows, hasMore } = await readWindow({ table, orderBy, key, after: place, limit })
      return accept({ rows: rows.map((row) => picked(row, columns)), has_more: hasMore })
    },
    async count({ table }) {
      const known = await source.check(table)
      if (!known.ok) return known
      let count = 0
      for await (const _row of source.rows(table, undefined)) count += 1
      return accept({ count })
    },
  }
}
