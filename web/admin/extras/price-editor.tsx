import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Card } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'
import { useOperator } from '../session.ts'
import { draftOf, fieldsOf, hasTiers, models, type TypedPrice, typedOf } from './price-draft.ts'
import { PricePreview, useRated } from './price-preview.tsx'
import { Subscribers, usePriceVersions } from './price-versions.tsx'
import { TierTable } from './tier-table.tsx'

/** What is written, and what stood there before. */
interface Saving {
  readonly price: Readonly<Record<string, unknown>>
  readonly before: Readonly<Record<string, unknown>>
}

/** The price of a plan: edited by its model, rated by the server while one types, beside what it was or is. */
export function PriceEditor({ record }: { record: ModuleRecord }) {
  const client = useQueryClient()
  const canWrite = useOperator()?.role !== 'support'
  const stored = typedOf(record)
  const [typed, setTyped] = useState<TypedPrice>(stored)
  const [other, setOther] = useState('plan')
  const versions = usePriceVersions(record.id)
  const draft = draftOf(typed)
  const rated = useRated(draft)
  const compared = versions.data?.find(({ id }) => id === other) ?? record
  const isChanged = JSON.stringify(draft) !== JSON.stringify(draftOf(stored))
  const problems = rated.error instanceof ApiError ? rated.error.problems : []
  const set = (change: Partial<TypedPrice>): void => setTyped({ ...typed, ...change })
  const send = (price: Readonly<Record<string, unknown>>): Promise<unknown> =>
    call('PATCH', `/api/plans/${record.id}`, price).then(() =>
      client.invalidateQueries({ queryKey: ['module'] }),
    )
  const save = useMutation({
    mutationFn: ({ price }: Saving) => send(price),
    onSuccess: (_answer, { before }) =>
      say(text.priceSaved, {
        undo: () =>
          void send(before).then(
            () => setTyped(typedOf({ ...record, ...before })),
            (refusal) => say(wordsOf(refusal), { isBad: true }),
          ),
      }),
    onError: (refusal) => say(wordsOf(refusal), { isBad: true }),
  })
  const saving = (): Saving => {
    const price = 'overage_unit_price' in draft ? { ...draft, overage_price: 0 } : draft
    return { price, before: Object.fromEntries(Object.keys(price).map((name) => [name, record[name]])) }
  }
  const placed = problems.filter(
    ({ field }) =>
      field.startsWith('tiers') || fieldsOf(typed.price_model).some(({ name }) => name === field),
  )
  return (
    <Card title={text.preview} description={text.previewLead} className="mt-5">
      <div className="grid grid-cols-1 gap-6 lg:grid-cols-[22rem_1fr]">
        <form
          className="grid content-start gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate(saving())
          }}
          noValidate
        >
          <div className="grid grid-cols-2 gap-3">
            <Field label={text.model}>
              {(control) => (
                <Select
                  {...control}
                  value={typed.price_model}
                  onChange={({ target }) => set({ price_model: target.value })}
                >
                  {models.map((model) => (
                    <option key={model} value={model}>
                      {model.replace('_', ' ')}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={text.currency} error={problems.find(({ field }) => field === 'currency')?.reason}>
              {(control) => (
                <Input
                  {...control}
                  value={typed.currency}
                  maxLength={3}
                  onChange={({ target }) => set({ currency: target.value.toUpperCase() })}
                />
              )}
            </Field>
          </div>
          <p className="text-[13px] text-quiet">
            {text.models[typed.price_model as (typeof models)[number]]}
          </p>
          {fieldsOf(typed.price_model).map(({ name, label, isAmount }) => (
            <Field
              key={name}
              label={label}
              unit={isAmount || name.endsWith('unit_price') ? typed.currency : undefined}
              error={problems.find(({ field }) => field === name)?.reason}
            >
              {(control) =>
                name === 'quota_mode' ? (
                  <Select
                    {...control}
                    value={typed[name]}
                    onChange={({ target }) => set({ [name]: target.value })}
                  >
                    {Object.entries(text.quotaModes).map(([mode, words]) => (
                      <option key={mode} value={mode}>
                        {words}
                      </option>
                    ))}
                  </Select>
                ) : (
                  <Input
                    {...control}
                    value={typed[name]}
                    inputMode="decimal"
                    autoComplete="off"
                    onChange={({ target }) => set({ [name]: target.value })}
                  />
                )
              }
            </Field>
          ))}
          {hasTiers(typed.price_model) && (
            <TierTable
              tiers={typed.tiers}
              problems={problems.filter(({ field }) => field.startsWith('tiers'))}
              onChange={(tiers) => set({ tiers })}
            />
          )}
          {canWrite && isChanged && (
            <>
              <Subscribers plan={record} />
              <div className="flex justify-end gap-2">
                <Button onClick={() => setTyped(stored)}>{text.discard}</Button>
                <Button look="primary" type="submit" isBusy={save.isPending} disabled={rated.error !== null}>
                  {text.savePrice}
                </Button>
              </div>
            </>
          )}
        </form>
        <div className="grid min-w-0 grid-cols-1 content-start gap-3">
          {rated.error !== null && placed.length === 0 && <Problem error={rated.error} />}
          <PricePreview
            rated={rated.data}
            compared={draftOf(typedOf(compared))}
            versions={versions.data ?? []}
            other={other}
            onCompare={setOther}
          />
        </div>
      </div>
    </Card>
  )
}
