import { Link } from '@tanstack/react-router'
import { download } from '@/data/csv.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { CopyButton } from '@/ui/copy.tsx'
import { count, money, Nothing, Status, Time } from '@/ui/show.tsx'
import { bytesIn } from './file-widget.tsx'
import { useName, useReferred } from './names.ts'
import { type ModuleField, type ModuleRecord, useModules } from './schema.ts'
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
  if (value === null || value === undefined || value === '') return <Nothing />
  if (field.name === 'id') return <IdValue id={String(value)} isWide={isWide} />
  if (field.widget === 'timestamp') return <Time at={String(value)} isExact={isWide} />
  if (field.widget === 'switch')
    return value === true ? shared.yes : <span className="text-quiet">{shared.no}</span>
  if (field.widget === 'ref' && field.to !== undefined) return <RefValue to={field.to} id={String(value)} />
  if (typeof value === 'string') {
    if (/(?:^|_)(?:status|state)$/.test(field.name)) return <Status value={value} />
    if (codes.has(field.name)) return value.replaceAll('_', ' ')
    if (recordId.test(value)) return <RecordLink id={value} />
  }
  if (typeof value === 'number') {
    // The engine's numbers that may be -1 say by it that there is no end.
    if (value === -1 && field.min === -1) return text.unlimited
    if (field.name === 'basis_points') return `${count(value)} (${value / 100} %)`
    const currency = currencyOf(field, {}, record)
    return currency === undefined ? count(value) : money(value, currency)
  }
  if (field.widget === 'file') return <FileValue name={field.name} base64={String(value)} isWide={isWide} />
  if (typeof value === 'object')
    return isWide ? <StructuredValue value={value} /> : <code className="text-[13px]">{shortly(value)}</code>
  if (field.widget === 'select') return String(value).replaceAll('_', ' ')
  if (isWide && isLongText(value))
    return (
      <section
        aria-label={field.label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
        tabIndex={0}
        className="max-h-80 overflow-auto rounded bg-raised p-2 font-mono text-[13px] break-words whitespace-pre-wrap"
      >
        {String(value)}
      </section>
    )
  return <span className={isWide ? 'wrap-anywhere' : ''}>{String(value)}</span>
}

/** Fields that hold the name of something the product knows, as it is written in data. */
const codes = new Set(['reason', 'template'])
const recordId = /^[a-z]{2,4}_[0-9a-z]{26}$/
const longestLine = 300

/** True for a text that is read in lines. */
export const isLongText = (value: unknown): boolean =>
  typeof value === 'string' && (value.length > longestLine || value.trim().includes('\n'))

/** A value with parts in a cell of a list. */
const shortly = (value: unknown): string =>
  Array.isArray(value) && value.every((one) => typeof one !== 'object')
    ? value.join(', ')
    : JSON.stringify(value)

function FileValue({ name, base64, isWide }: { name: string; base64: string; isWide: boolean }) {
  const size = text.size(bytesIn(base64))
  if (!isWide) return size
  const bytes = () => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return (
    <span className="inline-flex items-center gap-2">
      {size}
      <Button size="small" onClick={() => download(name, new Blob([bytes()]))}>
        {text.download}
      </Button>
    </span>
  )
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
  const { schema, record } = useReferred(to, id)
  const name = useName(schema, record)
  if (schema === undefined) return <span className="font-mono text-[13px]">{id}</span>
  return (
    <Link
      to="/ui/m/$plural/$id"
      params={{ plural: schema.plural, id }}
      onClick={(event) => event.stopPropagation()}
      className="text-accent wrap-anywhere hover:underline"
    >
      {name ?? id}
    </Link>
  )
}

/** A record of whatever module its id belongs to; a text that is no id of a module stays what it is. */
export function RecordLink({ id }: { id: string }) {
  const prefix = /^(.+)_[^_]+$/.exec(id)?.[1]
  const module = useModules().data?.find(({ id_prefix }) => id_prefix === prefix)
  return module === undefined ? <span>{id}</span> : <RefValue to={module.module} id={id} />
}
