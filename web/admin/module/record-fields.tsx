import { useState } from 'react'
import { text } from '@/text/admin.ts'
import { Button } from '@/ui/button.tsx'
import { Card } from '@/ui/surface.tsx'
import type { ModuleRecord, ModuleSchema } from './schema.ts'
import { FieldValue } from './value.tsx'

/** What a record says; fields that say nothing come when one asks for them. */
export function RecordFields({ schema, record }: { schema: ModuleSchema; record: ModuleRecord }) {
  const [isWhole, setWhole] = useState(false)
  const readable = schema.fields.filter(({ write_only }) => !write_only)
  const saying = readable.filter(({ name }) => {
    const value = record[name]
    return value !== null && value !== undefined && value !== ''
  })
  const shown = isWhole ? readable : saying
  const silent = readable.length - saying.length
  return (
    <Card>
      <dl className="grid gap-x-6 gap-y-4 sm:grid-cols-2 lg:grid-cols-3">
        {shown.map((field) => (
          <div
            key={field.name}
            className={field.widget === 'json' ? 'min-w-0 sm:col-span-2 lg:col-span-3' : 'min-w-0'}
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
