import { labelOf } from '#core/schema/label.ts'
import { DataTable } from '@/ui/data-table.tsx'

type Rows = readonly Readonly<Record<string, unknown>>[]

/** A value with parts, for people: rows as a table, named parts under their names, and anything deeper as JSON. */
export function StructuredValue({ value }: { value: unknown }) {
  if (isRows(value)) return <RowsTable rows={value} />
  if (isNamed(value)) {
    const parts = Object.entries(value).filter(([, part]) => !isEmpty(part))
    if (parts.length === 0) return <span className="text-quiet">—</span>
    return (
      <dl className="grid gap-x-4 gap-y-1 rounded bg-raised/60 p-3 text-[13px] sm:grid-cols-[max-content_1fr]">
        {parts.map(([name, part]) => (
          <div key={name} className="contents">
            <dt className="text-quiet">{labelOf(name)}</dt>
            <dd className="min-w-0 break-words">
              {isPlain(part) ? String(part) : <StructuredValue value={part} />}
            </dd>
          </div>
        ))}
      </dl>
    )
  }
  if (Array.isArray(value) && value.every(isPlain))
    return <span className="font-mono text-[13px] break-words">{value.join(', ')}</span>
  return (
    <pre className="overflow-x-auto rounded bg-raised p-2 font-mono text-[13px] whitespace-pre-wrap">
      {JSON.stringify(value, null, 2)}
    </pre>
  )
}

function RowsTable({ rows }: { rows: Rows }) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return (
    <DataTable
      label={names.map(labelOf).join(', ')}
      rows={rows}
      rowKey={(row) => JSON.stringify(row)}
      stacks
      columns={names.map((name, index) => ({
        key: name,
        heading: labelOf(name),
        cell: (row: Rows[number]) => (
          <>
            {index === 0 && <span className="sm:hidden">{labelOf(name)} </span>}
            {isEmpty(row[name]) ? '—' : isPlain(row[name]) ? String(row[name]) : JSON.stringify(row[name])}
          </>
        ),
      }))}
    />
  )
}

const isPlain = (value: unknown): boolean => typeof value !== 'object'
const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === ''
const isNamed = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isRows = (value: unknown): value is Rows =>
  Array.isArray(value) && value.length > 0 && value.every(isNamed)
