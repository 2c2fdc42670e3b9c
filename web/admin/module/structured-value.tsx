import { labelOf } from './schema.ts'

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
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section
      aria-label={columns.map(labelOf).join(', ')}
      tabIndex={0}
      className="overflow-x-auto rounded border"
    >
      <table className="w-full text-left text-[13px]">
        <thead className="border-b bg-raised/60 text-quiet">
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className="px-2.5 py-1.5 font-medium">
                {labelOf(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a value have no other name
            <tr key={index}>
              {columns.map((column) => (
                <td key={column} className="tabular px-2.5 py-1.5">
                  {isEmpty(row[column])
                    ? '—'
                    : isPlain(row[column])
                      ? String(row[column])
                      : JSON.stringify(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const isPlain = (value: unknown): boolean => typeof value !== 'object'
const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === ''
const isNamed = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isRows = (value: unknown): value is Rows =>
  Array.isArray(value) && value.length > 0 && value.every(isNamed)
