import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read, readPage } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { CopyButton } from '@/ui/copy.tsx'
import { count, money, Status, Time } from '@/ui/show.tsx'
import { type ModuleField, type ModuleRecord, nameOf, useModuleSchema, useModules } from './schema.ts'
import { StructuredValue } from './structured-value.tsx'
import { currencyOf } from './typed.ts'

/** A value of a field, shown as its type asks for. */
export function FieldValue({
  field,
  record,
  isWide = false,
}: {
  field: ModuleField
  record: ModuleRecord
  isWide?: boolean
}) {
  const value = record[field.name]
  if (value === null || value === undefined || value === '') return <span className="text-quiet">—</span>
  if (field.name === 'id') return <IdValue id={String(value)} isWide={isWide} />
  if (field.widget === 'timestamp') return <Time at={String(value)} isExact={isWide} />
  if (field.widget === 'switch') return value === true ? 'Yes' : <span className="text-quiet">No</span>
  if (field.widget === 'ref' && field.to !== undefined) return <RefValue to={field.to} id={String(value)} />
  if (field.name === 'status') return <Status value={String(value)} />
  if (typeof value === 'number') {
    // The engine's numbers that may be -1 say by it that there is no end.
    if (value === -1 && field.min === -1) return text.unlimited
    const currency = currencyOf(field, {}, record)
    return currency === undefined ? count(value) : money(value, currency)
  }
  if (typeof value === 'object')
    return isWide ? (
      <StructuredValue value={value} />
    ) : (
      <code className="text-[13px]">{JSON.stringify(value)}</code>
    )
  return <span className={isWide ? 'break-words' : ''}>{String(value)}</span>
}

function IdValue({ id, isWide }: { id: string; isWide: boolean }) {
  if (!isWide)
    return <span className="font-mono text-[13px] text-quiet">{`${id.slice(0, 4)}…${id.slice(-6)}`}</span>
  return (
    <span className="inline-flex items-center gap-1 font-mono text-[13px]">
      {id} <CopyButton value={id} />
    </span>
  )
}

/** The name of a record of another module, and the way to it. */
function RefValue({ to, id }: { to: string; id: string }) {
  const schema = useModuleSchema(to).data
  const { data } = useQuery({
    queryKey: ['module', to, 'names'],
    queryFn: ({ signal }) => readPage<ModuleRecord>(`${schema?.path}?limit=100`, signal),
    enabled: schema !== undefined,
    staleTime: 60_000,
  })
  const listed = data?.rows.find((row) => row.id === id)
  // With more records than fit a page, those that are not among the first are asked for one by one.
  const alone = useQuery({
    queryKey: ['module', to, 'record', id],
    queryFn: ({ signal }) => read<ModuleRecord>(`${schema?.path}/${encodeURIComponent(id)}`, signal),
    enabled: data !== undefined && listed === undefined && data.nextCursor !== null,
    staleTime: 60_000,
    retry: false,
  })
  const record = listed ?? alone.data
  if (schema === undefined) return <span className="font-mono text-[13px]">{id}</span>
  return (
    <Link
      to="/ui/m/$plural/$id"
      params={{ plural: schema.plural, id }}
      onClick={(event) => event.stopPropagation()}
      className="text-accent hover:underline"
    >
      {record === undefined ? id : nameOf(schema, record)}
    </Link>
  )
}

/** A record of whatever module its id belongs to; a text that is no id of a module stays what it is. */
export function RecordLink({ id }: { id: string }) {
  const prefix = /^(.+)_[^_]+$/.exec(id)?.[1]
  const module = useModules().data?.find(({ id_prefix }) => id_prefix === prefix)
  return module === undefined ? <span>{id}</span> : <RefValue to={module.module} id={id} />
}
