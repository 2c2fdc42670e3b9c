import { ArrowDown, ArrowUp } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { Skeleton } from './surface.tsx'

/** One column: its heading, and what stands in it. */
export interface Column<Row> {
  readonly key: string
  readonly heading: string
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  readonly canSort?: boolean
}

const rowsWhileLoading = [0, 1, 2, 3, 4]

/** Rows under headings. A row that can be opened is opened by a click or by Enter; the server sorts. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  onOpen,
  sort,
  onSort,
}: {
  label: string
  columns: readonly Column<Row>[]
  /** Undefined while they are on their way. */
  rows: readonly Row[] | undefined
  rowKey: (row: Row) => string
  onOpen?: ((row: Row) => void) | undefined
  sort?: string | undefined
  onSort?: ((sort: string) => void) | undefined
}) {
  const openBy = (row: Row) => (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.target === event.currentTarget) onOpen?.(row)
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section aria-label={label} tabIndex={0} className="overflow-x-auto rounded-lg border bg-surface">
      <table className="w-full text-left text-sm" aria-busy={rows === undefined}>
        <thead className="border-b bg-raised/60 text-[13px] text-quiet">
          <tr>
            {columns.map((column) => (
              <Heading key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rows === undefined
            ? rowsWhileLoading.map((row) => (
                <tr key={row}>
                  {columns.map(({ key }) => (
                    <td key={key} className="px-3 py-2.5">
                      <Skeleton className="h-4 w-24" />
                    </td>
                  ))}
                </tr>
              ))
            : rows.map((row) => (
                <tr
                  key={rowKey(row)}
                  {...(onOpen === undefined
                    ? {}
                    : { tabIndex: 0, onClick: () => onOpen(row), onKeyDown: openBy(row) })}
                  className={classNames(onOpen !== undefined && 'cursor-pointer hover:bg-raised/50')}
                >
                  {columns.map(({ key, cell, isNumber }) => (
                    <td
                      key={key}
                      className={classNames(
                        'max-w-80 truncate px-3 py-2.5 whitespace-nowrap',
                        isNumber && 'tabular text-right',
                      )}
                    >
                      {cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
    </section>
  )
}

function Heading<Row>({
  column: { key, heading, isNumber, canSort },
  sort,
  onSort,
}: {
  column: Column<Row>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}) {
  const direction = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : undefined
  return (
    <th
      scope="col"
      {...(direction === undefined ? {} : { 'aria-sort': direction })}
      className={classNames('px-3 py-2 font-medium whitespace-nowrap', isNumber && 'text-right')}
    >
      {canSort && onSort !== undefined ? (
        <button
          type="button"
          className="inline-flex items-center gap-1 hover:text-text"
          onClick={() => onSort(direction === 'ascending' ? `-${key}` : key)}
        >
          {heading}
          {direction === 'ascending' && <ArrowUp size={13} aria-hidden />}
          {direction === 'descending' && <ArrowDown size={13} aria-hidden />}
        </button>
      ) : (
        heading
      )}
    </th>
  )
}
