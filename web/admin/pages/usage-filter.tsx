import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readPage } from '@/data/api.ts'
import { Input, Select } from '@/ui/field.tsx'

interface Named {
  readonly id: string
  readonly name: string
}

/** A choice among the records of a module, or none of them. Of more than a list should hold some are offered for what is typed. */
export function RecordFilter({
  label,
  none,
  path,
  value,
  onChange,
}: {
  label: string
  /** What it says while nothing is chosen. */
  none: string
  /** The address of the list, with what else narrows it. */
  path: string
  value: string | undefined
  onChange: (id: string | undefined) => void
}) {
  const [typed, setTyped] = useState('')
  const list = useQuery(namesAt(`${path}limit=100&sort=name`))
  const isLong = list.data?.nextCursor != null
  const found = useQuery({
    ...namesAt(`${path}limit=20&${new URLSearchParams({ 'name[like]': `%${typed}%` })}`),
    enabled: isLong && typed !== '',
    placeholderData: (before) => before,
  })
  const rows = (isLong && typed !== '' ? found.data?.rows : list.data?.rows) ?? []
  if (!isLong || value !== undefined)
    return (
      <Select
        aria-label={label}
        className="sm:w-auto! sm:max-w-44"
        value={value ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
      >
        <option value="">{none}</option>
        {value !== undefined && !rows.some(({ id }) => id === value) && (
          <option value={value}>{value}</option>
        )}
        {rows.map(({ id, name }) => (
          <option key={id} value={id}>
            {name === '' ? id : name}
          </option>
        ))}
      </Select>
    )
  const listId = `${label.replaceAll(/\W/g, '-')}-names`
  return (
    <>
      <Input
        aria-label={label}
        placeholder={none}
        className="sm:w-44!"
        list={listId}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value)
          const chosen = rows.find(({ name }) => name === target.value)
          if (chosen !== undefined) onChange(chosen.id)
        }}
      />
      <datalist id={listId}>
        {rows.map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
    </>
  )
}

const namesAt = (address: string) => ({
  queryKey: ['module', 'names', address],
  queryFn: ({ signal }: { signal: AbortSignal }) => readPage<Named>(address, signal),
  staleTime: 60_000,
})
