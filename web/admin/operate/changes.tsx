import { labelOf } from '#core/schema/label.ts'
import { text } from '@/text/operate.ts'
import { DataTable } from '@/ui/data-table.tsx'
import { Nothing, Time } from '@/ui/show.tsx'
import { RecordLink } from '../module/value.tsx'

/** Every field that was changed: what it was, and what it is since. Of a secret only that it is another one. */
export function Changes({ changes }: { changes: unknown }) {
  const rows = Object.entries(isNamed(changes) ? changes : {}).map(
    ([field, change]) => [field, sidesOf(change)] as const,
  )
  if (rows.length === 0) return <p className="text-quiet">{text.noChanges}</p>
  const wasThere = rows.some(([, { before }]) => before !== undefined)
  const sides = [
    ...(wasThere ? [{ key: 'before', heading: text.before } as const] : []),
    { key: 'after', heading: text.after } as const,
  ]
  return (
    <DataTable
      label={text.changes}
      stacks
      rows={rows}
      rowKey={([field]) => field}
      columns={[
        { key: 'field', heading: text.field, cell: ([field]) => labelOf(field) },
        ...sides.map(({ key, heading }) => ({
          key,
          heading,
          cell: ([, change]: (typeof rows)[number]) => <Side value={change[key]} />,
        })),
      ]}
    />
  )
}

const isNamed = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is no change, such as a reason that was given, is so since then. */
function sidesOf(change: unknown): { readonly before?: unknown; readonly after?: unknown } {
  if (!isNamed(change)) return { after: change }
  if (change['is_changed'] === true) return { after: text.isAnother }
  return 'before' in change || 'after' in change ? change : { after: change }
}

const moment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

function Side({ value }: { value: unknown }) {
  if (value === undefined || value === null || value === '') return <Nothing />
  if (typeof value !== 'string')
    return <span className="whitespace-normal wrap-anywhere">{JSON.stringify(value)}</span>
  if (moment.test(value)) return <Time at={value} isExact />
  return (
    <span className="whitespace-normal wrap-anywhere">
      <RecordLink id={value} />
    </span>
  )
}
