import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ApiError } from '@/data/api.ts'
import { holdTyped } from '@/data/session-over.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { insistOnSession, sentence } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { FieldWidget, type Typed } from './field-widget.tsx'
import type { ModuleField, ModuleRecord } from './schema.ts'
import { currencyOf, fromTyped, toTyped } from './typed.ts'

/** A form over fields of a module: for a new record, for a change of one, or for the input of an action. */
export function RecordForm({
  fields,
  record,
  about = record,
  typed: word,
  verb,
  onSend,
  onCancel,
}: {
  fields: readonly ModuleField[]
  record?: ModuleRecord | undefined
  /** The record that an action is about: it may say in which currency amounts are. */
  about?: ModuleRecord | undefined
  /** What has to be typed first, before something that cannot be undone. */
  typed?: string
  verb: string
  onSend: (values: Record<string, unknown>) => Promise<void>
  onCancel: () => void
}) {
  const given: ModuleRecord =
    record ??
    ({ id: '', ...Object.fromEntries(fields.map((field) => [field.name, field.default])) } as ModuleRecord)
  const start = Object.fromEntries(
    fields.map((field) => [
      field.name,
      toTyped(field, given[field.name], currencyOf(field, {}, about ?? given)),
    ]),
  )
  const [typed, setTyped] = useState<Readonly<Record<string, Typed>>>(start)
  const [reasons, setReasons] = useState<Readonly<Record<string, string>>>({})
  const [failure, setFailure] = useState<unknown>()
  const [sure, setSure] = useState('')
  const [isBusy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const isDirty = fields.some(({ name }) => typed[name] !== start[name])
  useEffect(() => (isDirty ? holdTyped() : undefined), [isDirty])
  useEffect(() => {
    if (Object.keys(reasons).length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [reasons])

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (isBusy) return
    const values: Record<string, unknown> = {}
    const wrong: Record<string, string> = {}
    for (const field of fields) {
      const now = typed[field.name] ?? ''
      const currency = currencyOf(field, typed, about)
      // The same digits are another amount in a currency with other decimals.
      const isSame = now === start[field.name] && currency === currencyOf(field, {}, about ?? given)
      if (isSame && (record !== undefined || now === '')) continue
      const taken = fromTyped(field, now, currency)
      if ('reason' in taken) wrong[field.name] = taken.reason
      else values[field.name] = taken.value
    }
    setReasons(wrong)
    setFailure(undefined)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    try {
      await insistOnSession(() => onSend(values))
    } catch (error) {
      const known = new Set(fields.map(({ name }) => name))
      const placed = error instanceof ApiError ? error.problems.filter(({ field }) => known.has(field)) : []
      setReasons(Object.fromEntries(placed.map(({ field, reason }) => [field, sentence(reason)])))
      if (placed.length === 0) setFailure(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <form ref={form} className="grid gap-4" onSubmit={(event) => void send(event)} noValidate>
      {fields.map((field) => (
        <Field
          key={field.name}
          label={field.label}
          unit={field.widget === 'timestamp' ? text.utc : currencyOf(field, typed, about)}
          hint={field.description === '' ? undefined : field.description}
          error={reasons[field.name]}
          isOptional={!field.required && field.widget !== 'switch'}
        >
          {(control) => (
            <FieldWidget
              field={field}
              control={control}
              value={typed[field.name] ?? ''}
              isEdit={record !== undefined}
              onChange={(value) => setTyped((before) => ({ ...before, [field.name]: value }))}
            />
          )}
        </Field>
      ))}
      {word !== undefined && (
        <Field label={shared.typeToConfirm(word)}>
          {(control) => (
            <Input
              {...control}
              value={sure}
              autoComplete="off"
              onChange={({ target }) => setSure(target.value)}
            />
          )}
        </Field>
      )}
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button
          look={word === undefined ? 'primary' : 'danger'}
          type="submit"
          isBusy={isBusy}
          disabled={word !== undefined && sure !== word}
        >
          {verb}
        </Button>
      </div>
    </form>
  )
}
