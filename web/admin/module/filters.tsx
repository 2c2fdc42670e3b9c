import { X } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { text } from '@/text/admin.ts'
import { Button } from '@/ui/button.tsx'
import { Input, Select } from '@/ui/field.tsx'
import { useName, useReferred } from './names.ts'
import { RefWidget } from './ref-widget.tsx'
import type { ModuleField } from './schema.ts'

const cannotFilter = new Set(['json', 'password', 'file'])

/** Filters by what fields hold; each is a chip that can be taken off again. */
export function Filters({
  fields,
  where,
  onChange,
}: {
  fields: readonly ModuleField[]
  where: Readonly<Record<string, string>>
  onChange: (where: Record<string, string>) => void
}) {
  const offered = fields.filter(({ widget, money }) => !cannotFilter.has(widget) && money === undefined)
  const [name, setName] = useState(
    offered.find((field) => field.name === 'status')?.name ?? offered[1]?.name ?? 'id',
  )
  const [value, setValue] = useState('')
  const id = useId()
  const field = offered.find((one) => one.name === name)
  const labelOf = (wanted: string): string => fields.find((one) => one.name === wanted)?.label ?? wanted
  const options = field?.values ?? (field?.widget === 'switch' ? ['true', 'false'] : undefined)

  function add(event: FormEvent): void {
    event.preventDefault()
    if (value !== '') onChange({ ...where, [name]: value })
    setValue('')
  }

  return (
    <div className="flex flex-wrap items-center gap-2 max-sm:w-full">
      <form
        className="flex flex-wrap items-center gap-2 max-sm:grid max-sm:w-full max-sm:grid-cols-[1fr_1fr_auto] max-sm:*:min-w-0"
        onSubmit={add}
      >
        <Select
          aria-label={text.addFilter}
          className="h-8! sm:w-auto!"
          value={name}
          onChange={(event) => {
            setName(event.target.value)
            setValue('')
          }}
        >
          {offered.map((one) => (
            <option key={one.name} value={one.name}>
              {one.label}
            </option>
          ))}
        </Select>
        {field?.widget === 'ref' ? (
          <div className="*:h-8! sm:w-52">
            <RefWidget
              field={{ ...field, required: true }}
              control={{ id, 'aria-label': field.label }}
              value={value}
              onChange={setValue}
              empty={text.chooseOf(field.label)}
            />
          </div>
        ) : options === undefined ? (
          <Input
            aria-label={labelOf(name)}
            className="h-8! sm:w-44!"
            placeholder={text.chooseOf(labelOf(name))}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        ) : (
          <Select
            aria-label={labelOf(name)}
            className="h-8! sm:w-auto!"
            value={value}
            onChange={(event) => setValue(event.target.value)}
          >
            <option value="">{text.chooseOf(labelOf(name))}</option>
            {options.map((option) => (
              <option key={option} value={option}>
                {option.replaceAll('_', ' ')}
              </option>
            ))}
          </Select>
        )}
        <Button type="submit" size="small" className="h-8!">
          {text.filter}
        </Button>
      </form>
      {Object.entries(where).map(([field, wanted]) => (
        <button
          key={field}
          type="button"
          onClick={() =>
            onChange(Object.fromEntries(Object.entries(where).filter(([other]) => other !== field)))
          }
          className="inline-flex h-8 items-center gap-1 rounded-full bg-accent-soft px-3 text-[13px] text-accent"
        >
          {labelOf(field)}: <Wanted field={fields.find(({ name }) => name === field)} value={wanted} />{' '}
          <X size={13} aria-label={text.clearFilters} />
        </button>
      ))}
    </div>
  )
}

/** What a filter looks for, by its name where it is a record. */
function Wanted({ field, value }: { field: ModuleField | undefined; value: string }) {
  const { schema, record } = useReferred(field?.widget === 'ref' ? field.to : undefined, value)
  return useName(schema, record) ?? value
}
