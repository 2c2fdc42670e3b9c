import { useQuery } from '@tanstack/react-query'
import { readPage } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { type FieldControl, Input, Select, Switch, TextArea } from '@/ui/field.tsx'
import { type ModuleField, type ModuleRecord, nameOf, useModuleSchema } from './schema.ts'

/** What is typed into a form: everything is a text but a switch. */
export type Typed = string | boolean

interface WidgetProps {
  readonly field: ModuleField
  readonly control: FieldControl
  readonly value: Typed
  readonly onChange: (value: Typed) => void
  readonly isEdit: boolean
}

/** The control for a field: one for each widget that the engine knows. */
export function FieldWidget({ field, control, value, onChange, isEdit }: WidgetProps) {
  const words = String(value)
  const take = (event: { target: { value: string } }): void => onChange(event.target.value)
  switch (field.widget) {
    case 'switch':
      return <Switch {...control} isOn={value === true} onChange={onChange} />
    case 'select':
      return (
        <Select {...control} value={words} onChange={take}>
          {(!field.required || words === '') && <option value="">{text.unset}</option>}
          {field.values?.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </Select>
      )
    case 'ref':
      return <RefWidget {...{ field, control, onChange, isEdit }} value={words} />
    case 'json':
      return <TextArea {...control} value={words} onChange={take} rows={5} spellCheck={false} />
    case 'number':
      return <Input {...control} value={words} onChange={take} inputMode="numeric" />
    case 'timestamp':
      return <Input {...control} value={words} onChange={take} type="datetime-local" step={1} />
    case 'password':
      return (
        <Input
          {...control}
          value={words}
          onChange={take}
          type="password"
          autoComplete="new-password"
          placeholder={isEdit ? text.keepSecret : ''}
        />
      )
    case 'email':
      return <Input {...control} value={words} onChange={take} type="email" autoComplete="off" />
    default:
      return <Input {...control} value={words} onChange={take} autoComplete="off" />
  }
}

/** A record of another module, by its name; with very many of them, by its id. */
function RefWidget({
  field,
  control,
  value,
  onChange,
}: Omit<WidgetProps, 'value'> & { readonly value: string }) {
  const schema = useModuleSchema(field.to).data
  const { data } = useQuery({
    queryKey: ['module', field.to, 'names'],
    queryFn: ({ signal }) => readPage<ModuleRecord>(`${schema?.path}?limit=100`, signal),
    enabled: schema !== undefined,
    staleTime: 60_000,
  })
  const rows = data?.rows ?? []
  if (data?.nextCursor != null)
    return (
      <Input
        {...control}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        list={`${control.id}-some`}
      />
    )
  return (
    <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{field.required ? text.choose : text.unset}</option>
      {value !== '' && !rows.some(({ id }) => id === value) && <option value={value}>{value}</option>}
      {schema !== undefined &&
        rows.map((row) => (
          <option key={row.id} value={row.id}>
            {nameOf(schema, row)}
          </option>
        ))}
    </Select>
  )
}
