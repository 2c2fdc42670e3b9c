import { useState } from 'react'
import { text } from '@/text/admin.ts'
import { Button } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'
import { Card } from '@/ui/surface.tsx'
import type { ModuleField, ModuleRecord, ModuleSchema } from './schema.ts'
import { FieldValue, isLongText } from './value.tsx'

/** What a record says; fields that say nothing come when one asks for them. */
export function RecordFields({ schema, record }: { schema: ModuleSchema; record: ModuleRecord }) {
  const [isWhole, setWhole] = useState(false)
  const readable = schema.fields.filter(({ write_only }) => !write_only)
  const saying = readable.filter(({ name }) => {
    const value = record[name]
    const isNothing = value === null || value === undefined || value === ''
    return !isNothing && (typeof value !== 'object' || Object.keys(value).length > 0)
  })
  const shown = isWhole ? readable : saying
  const silent = readable.length - saying.length
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 lg:grid-cols-3">
        {shown.map((field) => (
          <div
            key={field.name}
            className={classNames(
              'min-w-0',
              isBroad(field, record[field.name]) && 'col-span-2 lg:col-span-3',
              field.name === 'id' && 'max-sm:col-span-2',
            )}
          >
            <dt className="text-[13px] text-quiet" title={field.description}>
              {field.label}
            </dt>
            <dd className="mt-0.5">
              <FieldValue field={field} record={record} isWide />
            </dd>
          </div>
        ))}
      </dl>
      {silent > 0 && (
        <Button size="small" look="quiet" className="mt-4 -ml-2" onClick={() => setWhole(!isWhole)}>
          {isWhole ? text.hideEmpty : text.showEmpty(silent)}
        </Button>
      )}
    </Card>
  )
}

/** True for values that need the whole width: parts under names, and long texts. */
const isBroad = ({ widget }: ModuleField, value: unknown): boolean =>
  (widget === 'json' && !(Array.isArray(value) && value.every((one) => typeof one !== 'object'))) ||
  isLongText(value)
