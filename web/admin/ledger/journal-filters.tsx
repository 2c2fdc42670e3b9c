import { Link, useNavigate } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { text } from '@/text/ledger.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { dayInput, FilterFold } from '../filter-fold.tsx'
import { type LedgerFilter, ledgerFilters } from './ledger-filter.ts'

const happenings = [
  'invoice_finalized',
  'invoice_paid',
  'invoice_voided',
  'invoice_uncollectible',
  'credit_note',
  'credit_given',
  'credit_expired',
  'refunded',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
]

const labels: Readonly<Record<(typeof ledgerFilters)[number], string>> = {
  account: text.account,
  kind: text.happened,
  currency: text.currency,
  reference: text.reference,
  from: text.from,
  until: text.until,
}
const hints: Readonly<Record<string, string>> = {
  account: text.accountHint,
  currency: 'USD',
  reference: 'inv_…',
}

/** What the journal is narrowed by; sending it changes the address. */
export function JournalFilters({ filter }: { filter: LedgerFilter }) {
  const navigate = useNavigate()
  const apply = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const typed = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()])
    const search = Object.fromEntries(typed.filter(([, value]) => value !== ''))
    void navigate({ to: '/ui/ledger', search })
  }
  return (
    <FilterFold count={Object.keys(filter).length}>
      <form onSubmit={apply} className="grid grid-cols-2 items-end gap-3 md:grid-cols-4">
        {ledgerFilters.map((name) => (
          <Field key={name} label={labels[name]}>
            {(control) =>
              name === 'kind' ? (
                <Select {...control} name={name} defaultValue={filter.kind ?? ''}>
                  <option value="">{text.any}</option>
                  {[...new Set([...happenings, ...(filter.kind === undefined ? [] : [filter.kind])])].map(
                    (kind) => (
                      <option key={kind} value={kind}>
                        {kind.replaceAll('_', ' ')}
                      </option>
                    ),
                  )}
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
          <Button type="submit">{text.apply}</Button>
          {Object.keys(filter).length > 0 && (
            <Link to="/ui/ledger" search={{}} className={buttonClass('quiet')}>
              {text.clear}
            </Link>
          )}
        </div>
      </form>
    </FilterFold>
  )
}
