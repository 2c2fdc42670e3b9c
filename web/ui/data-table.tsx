import { ArrowDown, ArrowUp } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { text } from '@/text/en.ts'
import { classNames } from './class-names.ts'
import { Select } from './field.tsx'
import { Skeleton } from './surface.tsx'

/** One column: its heading, and what stands in it. */
export interface Column<Row> {
  readonly key: string
  readonly heading: string
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  readonly canSort?: boolean
  /** Left out where rows stack: another cell says it there. */
  readonly isWideOnly?: boolean
  /** A sentence: where rows stack it stands by itself, as it needs no heading. */
  readonly isProse?: boolean
}

const rowsWhileLoading = [0, 1, 2, 3, 4]

/** Each row is a card of its own on a phone: what it is on top, what can be done below, and in between every value beside its heading. */
const stacked = {
  table: 'max-sm:block',
  head: 'max-sm:sr-only',
  // What cannot be seen must not be reached with the keyboard either: there the choice above the rows sorts.
  sortHead: 'max-sm:hidden',
  row: 'max-sm:block max-sm:px-3 max-sm:py-2.5',
  cell: 'max-sm:flex max-sm:max-w-full max-sm:items-baseline max-sm:justify-between max-sm:gap-4 max-sm:px-0 max-sm:py-1 max-sm:text-right max-sm:whitespace-normal max-sm:empty:hidden max-sm:has-[>[data-nothing]]:hidden max-sm:before:shrink-0 max-sm:before:text-[13px] max-sm:before:text-quiet max-sm:before:content-[attr(data-heading)]',
  title:
    'max-sm:block max-sm:[&>:first-child]:font-semibold max-sm:max-w-full max-sm:px-0 max-sm:py-1 max-sm:text-left max-sm:whitespace-normal',
  prose:
    'max-sm:block max-sm:max-w-full max-sm:px-0 max-sm:pt-0 max-sm:pb-1 max-sm:whitespace-normal max-sm:text-quiet max-sm:has-[>[data-nothing]]:hidden',
  actions: 'max-sm:block max-sm:max-w-full max-sm:px-0 max-sm:pt-2 max-sm:pb-1 max-sm:empty:hidden',
}

/** The classes of a cell of a row that stacks. */
const stackedCell = (
  { heading, isProse }: Pick<Column<never>, 'heading' | 'isProse'>,
  index: number,
): string =>
  index === 0 ? stacked.title : isProse ? stacked.prose : heading === '' ? stacked.actions : stacked.cell

/** Rows under headings. A row that can be opened is opened by a click or by Enter; the server sorts. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  onOpen,
  sort,
  onSort,
  stacks = false,
}: {
  label: string
  columns: readonly Column<Row>[]
  /** On a phone each row is a card, so that nothing hides to the right. */
  stacks?: boolean
  /** Undefined while they are on their way. */
  rows: readonly Row[] | undefined
  rowKey: (row: Row) => string
  onOpen?: ((row: Row) => void) | undefined
  sort?: string | undefined
  onSort?: ((sort: string) => void) | undefined
}) {
  const openBy = (row: Row) => (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.target !== event.currentTarget) return
    // Otherwise the same key presses what gets the focus by being opened, such as the button that closes it.
    event.preventDefault()
    onOpen?.(row)
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section aria-label={label} tabIndex={0} className="overflow-x-auto rounded-lg border bg-surface">
      {stacks && onSort !== undefined && <SortChoice columns={columns} sort={sort} onSort={onSort} />}
      <table
        className={classNames('w-full text-left text-sm', stacks && stacked.table)}
        aria-busy={rows === undefined}
      >
        <thead
          className={classNames(
            'border-b bg-raised/60 text-[13px] text-quiet',
            stacks && (onSort === undefined ? stacked.head : stacked.sortHead),
          )}
        >
          <tr>
            {columns.map((column) => (
              <Heading key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody className={classNames('divide-y', stacks && stacked.table)}>
          {rows === undefined
            ? rowsWhileLoading.map((row) => (
                <tr key={row} className={classNames(stacks && stacked.row)}>
                  {columns.map((column, index) => (
                    <td
                      key={column.key}
                      className={classNames('px-3 py-2.5', stacks && stackedCell(column, index))}
                    >
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
                  className={classNames(
                    onOpen !== undefined && 'cursor-pointer -outline-offset-2 hover:bg-raised/50',
                    stacks && stacked.row,
                  )}
                >
                  {columns.map(({ key, heading, cell, isNumber, isWideOnly, isProse = false }, index) => (
                    <td
                      key={key}
                      {...(stacks ? { 'data-heading': heading } : {})}
                      className={classNames(
                        'max-w-80 truncate px-3 py-2.5 whitespace-nowrap',
                        isNumber && 'tabular text-right',
                        stacks && stackedCell({ heading, isProse }, index),
                        isWideOnly && 'max-sm:hidden!',
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

/** By what rows that stack are sorted, as they have no headings to choose it by. */
function SortChoice<Row>({
  columns,
  sort,
  onSort,
}: {
  columns: readonly Column<Row>[]
  sort: string | undefined
  onSort: (sort: string) => void
}) {
  const choices = columns
    .filter(({ canSort }) => canSort)
    .flatMap(({ key, heading }) => [
      { value: key, label: text.rising(heading) },
      { value: `-${key}`, label: text.falling(heading) },
    ])
  const chosen = choices.find(({ value }) => value === sort)?.value ?? ''
  return (
    <div className="border-b p-2 sm:hidden">
      <Select aria-label={text.sortBy} value={chosen} onChange={({ target }) => onSort(target.value)}>
        {chosen === '' && <option value="">{text.sortBy}</option>}
        {choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </div>
  )
}
