import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { DataTable } from '@/ui/data-table.tsx'
import { Field, Input, Select, TextArea } from '@/ui/field.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import type { ModuleRecord } from '../module/schema.ts'
import { draftOf, fieldsOf, models, type Typed, typedOf } from './price-draft.ts'

interface Preview {
  readonly currency: string
  readonly periods: readonly {
    readonly units: number
    readonly total: number
    readonly lines: readonly { readonly description: string; readonly amount: number }[]
  }[]
}

const quantities = [0, 1_000, 10_000, 100_000, 1_000_000]

/** What a plan comes to for some quantities, and what it would with another price; the server rates every draft. */
export function PricePreview({ record }: { record: ModuleRecord }) {
  const [typed, setTyped] = useState<Typed>(() => typedOf(record))
  const draft = draftOf(typed, String(record['currency']))
  const { data, error } = useQuery({
    queryKey: ['price', draft],
    queryFn: () => call<Preview>('POST', '/admin/plans/preview', { ...draft, units: quantities }),
    placeholderData: keepPreviousData,
    retry: false,
  })
  const problems = error instanceof ApiError ? error.problems : []
  const shown = fieldsOf(typed.price_model)
  const change = (name: keyof Typed) => (event: { target: { value: string } }) =>
    setTyped({ ...typed, [name]: event.target.value })
  const isPlaced = problems.some(({ field }) => shown.some(({ name }) => name === field))
  return (
    <Card title={text.preview} description={text.previewLead} className="mt-5">
      <div className="grid grid-cols-1 gap-5 lg:grid-cols-[18rem_1fr]">
        <div className="grid content-start gap-3">
          <Field label={text.model}>
            {(control) => (
              <Select {...control} value={typed.price_model} onChange={change('price_model')}>
                {models.map((model) => (
                  <option key={model} value={model}>
                    {model.replace('_', ' ')}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {shown.map(({ name, label }) => (
            <Field key={name} label={label} error={problems.find(({ field }) => field === name)?.reason}>
              {(control) =>
                name === 'tiers' ? (
                  <TextArea {...control} value={typed.tiers} onChange={change(name)} spellCheck={false} />
                ) : (
                  <Input {...control} value={typed[name]} onChange={change(name)} autoComplete="off" />
                )
              }
            </Field>
          ))}
        </div>
        <div className="grid min-w-0 grid-cols-1 content-start gap-3">
          {error !== null && !isPlaced && <Problem error={error} />}
          <DataTable
            label={text.preview}
            rows={data?.periods}
            rowKey={({ units }) => String(units)}
            columns={[
              { key: 'units', heading: text.units, isNumber: true, cell: ({ units }) => count(units) },
              {
                key: 'total',
                heading: text.total,
                isNumber: true,
                cell: ({ total }) => money(total, data?.currency ?? 'USD'),
              },
              {
                key: 'lines',
                heading: text.lines,
                cell: ({ lines }) => (
                  <span className="text-[13px] text-quiet">
                    {lines
                      .map(
                        ({ description, amount }) =>
                          `${description} ${money(amount, data?.currency ?? 'USD')}`,
                      )
                      .join(' + ') || '—'}
                  </span>
                ),
              },
            ]}
          />
        </div>
      </div>
    </Card>
  )
}
