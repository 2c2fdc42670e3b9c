import { Link, useNavigate } from '@tanstack/react-router'
import { ListFilter } from 'lucide-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { text as ledger } from '@/text/ledger.ts'
import { text } from '@/text/operate.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'
import { Field, Input, Select } from '@/ui/field.tsx'

/** Filters that fill the first screen of a phone: there they come when one asks for them, and how many are set is said. */
function FilterFold({ count, children }: { count: number; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="mb-4">
      <Button className="sm:hidden" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ListFilter size={15} aria-hidden /> {count === 0 ? text.filters : text.filtersOn(count)}
      </Button>
      <div className={classNames('max-sm:mt-3', !isOpen && 'max-sm:hidden')}>{children}</div>
    </div>
  )
}

/** The kind of input for a day: one that an address has said more exactly stays as it was said. */
const dayInput = (value: string | undefined): 'date' | 'text' =>
  value === undefined || /^\d{4}-\d\d-\d\d$/.test(value) ? 'date' : 'text'

/** What a list is narrowed by; sending it changes the address. `choices` are the values of what is chosen and not typed. */
export function FilterForm<Name extends string>(props: {
  to: '/ui/audit' | '/ui/ledger'
  names: readonly Name[]
  filter: Readonly<Partial<Record<Name, string>>>
  labels: Readonly<Record<Name, string>>
  hints: Readonly<Record<string, string>>
  choices?: Readonly<Partial<Record<Name, readonly string[]>>>
}) {
  const { to, names, filter, labels, hints, choices } = props
  const navigate = useNavigate()
  const apply = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const typed = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()])
    void navigate({ to, search: Object.fromEntries(typed.filter(([, value]) => value !== '')) })
  }
  return (
    <FilterFold count={Object.keys(filter).length}>
      <form onSubmit={apply} className="grid grid-cols-2 items-end gap-3 md:grid-cols-4">
        {names.map((name) => (
          <Field key={name} label={labels[name]}>
            {(control) =>
              choices?.[name] !== undefined ? (
                <Select {...control} name={name} defaultValue={filter[name] ?? ''}>
                  <option value="">{ledger.any}</option>
                  {[
                    ...new Set([...choices[name], ...(filter[name] === undefined ? [] : [filter[name]])]),
                  ].map((choice) => (
                    <option key={choice} value={choice}>
                      {choice.replaceAll('_', ' ')}
                    </option>
                  ))}
                </Select>
              ) : (
                <Input
                  {...control}
                  name={name}
                  defaultValue={filter[name] ?? ''}
                  placeholder={hints[name]}
                  type={name === 'from' || name === 'until' ? dayInput(filter[name]) : 'text'}
                  autoComplete="off"
                />
              )
            }
          </Field>
        ))}
        <div className="flex gap-2">
          <Button type="submit">{ledger.apply}</Button>
          {Object.keys(filter).length > 0 && (
            <Link to={to} search={{}} className={buttonClass('quiet')}>
              {ledger.clear}
            </Link>
          )}
        </div>
      </form>
    </FilterFold>
  )
}
