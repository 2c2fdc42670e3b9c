import { useState } from 'react'
import { text } from '@/text/admin.ts'
import { Button } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'
import { Card } from '@/ui/surface.tsx'
import type { ModuleField, ModuleRecord, ModuleSchema } from './schema.ts'
import { FieldValue, isLongText } from './value.tsx'

/** With more fields than this, those come first that a list shows, too. */
const mostFields = 14

/** What a record says, what matters first; the rest, and fields that say nothing, come when one asks for them. */
export function RecordFields({ schema, record }: { schema: ModuleSchema; record: ModuleRecord }) {
  const [isWhole, setWhole] = useState(false)
  const readable = schema.fields.filter(({ write_only }) => !write_only)
  const saying = readable.filter(({ name }) => saysSomething(record[name]))
  const first = saying.length > mostFields ? saying.filter((field) => isFirst(schema, field)) : saying
  const shown = isWhole ? readable : first
  const rest = readable.length - first.length
  const isOnlyEmpty = first.length === saying.length
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 lg:grid-cols-3">
        {shown.map((field) => (
          <div
            key={field.name}
            className={classNames(
              'min-w-0',
              isBroad(field, record[field.name]) && 'col-span-2 lg:col-span-3',
              breaksNowhere(field, record[field.name]) && 'max-sm:col-span-2',
            )}
          >
            <dt className="text-[13px] text-quiet" title={field.description}>
              {field.label}
            </dt>
            <dd className="mt-0.5 max-sm:[&_[data-relation]]:block max-sm:[&_[data-dot]]:hidden">
              <FieldValue field={field} record={record} isWide />
            </dd>
          </div>
        ))}
      </dl>
      {rest > 0 && (
        <Button size="small" look="quiet" className="mt-4 -ml-2" onClick={() => setWhole(!isWhole)}>
          {isOnlyEmpty
            ? isWhole
              ? text.hideEmpty
              : text.showEmpty(rest)
            : isWhole
              ? text.hideRest
              : text.showRest(rest)}
        </Button>
      )}
    </Card>
  )
}

const saysSomething = (value: unknown): boolean =>
  value !== null &&
  value !== undefined &&
  value !== '' &&
  (typeof value !== 'object' || Object.keys(value).length > 0)

/** True for what tells a record from others: what a list shows of it, what it is about, and when it was made. */
const isFirst = ({ columns, name_field }: ModuleSchema, { name, widget }: ModuleField): boolean =>
  ['id', 'description', 'created_at', name_field].includes(name) || widget === 'ref' || columns.includes(name)

/** True for values that need the whole width: parts under names, and long texts. */
const isBroad = ({ widget }: ModuleField, value: unknown): boolean =>
  (widget === 'json' && !(Array.isArray(value) && value.every((one) => typeof one !== 'object'))) ||
  isLongText(value)

/** What fits beside another value on a phone. */
const longestWord = 16
/** Modules whose records are known by an e-mail address. */
const known = new Set(['user', 'operator'])
const timestamp = /^\d{4}-\d\d-\d\dT/

/** True for an id or an address that would be cut in the middle in half of a phone; a record stands there by its name. */
const breaksNowhere = ({ to }: ModuleField, value: unknown): boolean =>
  typeof value === 'string' &&
  (to === undefined || known.has(to)) &&
  !timestamp.test(value) &&
  value.split(/\s/).some(({ length }) => length > longestWord)
