import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readPage } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { type FieldControl, Input, Select } from '@/ui/field.tsx'
import { useFirstRecords, useName, useNamer, useReferred } from './names.ts'
import { type ModuleEntry, type ModuleField, type ModuleRecord, nameOf } from './schema.ts'

interface RefWidgetProps {
  readonly field: ModuleField
  readonly control: FieldControl
  readonly value: string
  readonly onChange: (id: string) => void
  /** What stands there while nothing is chosen. */
  readonly empty?: string
}

/** A record of another module: chosen from a list by its name, or looked for where there are very many. */
export function RefWidget(props: RefWidgetProps) {
  const { field, control, value, onChange, empty = field.required ? text.choose : text.unset } = props
  const { schema, rows = [], hasMore } = useFirstRecords(field.to)
  const namer = useNamer(schema)
  if (hasMore && schema !== undefined) return <RefSearch {...props} schema={schema} />
  return (
    <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{empty}</option>
      {value !== '' && !rows.some(({ id }) => id === value) && <option value={value}>{value}</option>}
      {rows.map((row) => (
        <option key={row.id} value={row.id}>
          {namer(row)}
        </option>
      ))}
    </Select>
  )
}

const mostOffered = 10

/** Finds records by a part of their name while one types; an id that is typed or pasted is taken, too. */
function RefSearch({
  field,
  control,
  value,
  onChange,
  schema,
}: RefWidgetProps & { readonly schema: ModuleEntry }) {
  const [words, setWords] = useState<string>()
  const chosen = useReferred(field.to, words === undefined && value !== '' ? value : undefined)
  const name = useName(chosen.schema, chosen.record)
  const by = schema.name_field
  const found = useQuery({
    queryKey: ['module', field.to, 'found', words],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ [`${by}[like]`]: `%${words}%`, limit: String(mostOffered) })
      return readPage<ModuleRecord>(`${schema.path}?${query}`, signal)
    },
    enabled: words !== undefined && words !== '' && by !== null,
    placeholderData: (before) => before,
  })
  const offered = found.data?.rows ?? []
  const optionOf = (row: ModuleRecord): string => `${nameOf(schema, row)} · ${row.id}`

  function take(typed: string): void {
    const picked = offered.find((row) => optionOf(row) === typed)
    setWords(picked === undefined ? typed : undefined)
    onChange(picked?.id ?? typed.trim())
  }
  return (
    <>
      <Input
        {...control}
        value={words ?? name ?? value}
        onChange={(event) => take(event.target.value)}
        placeholder={text.findByName}
        autoComplete="off"
        list={`${control.id}-found`}
      />
      <datalist id={`${control.id}-found`}>
        {offered.map((row) => (
          <option key={row.id} value={optionOf(row)} />
        ))}
      </datalist>
    </>
  )
}
