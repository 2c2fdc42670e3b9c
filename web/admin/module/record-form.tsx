import { type FormEvent, useState } from 'react'
import { ApiError } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { Field } from '@/ui/field.tsx'
import { Problem } from '@/ui/problem.tsx'
import { FieldWidget, type Typed } from './field-widget.tsx'
import { labelOf, type ModuleField, type ModuleRecord } from './schema.ts'
import { fromTyped, toTyped } from './typed.ts'

/** A form over fields of a module: for a new record, for a change of one, or for the input of an action. */
export function RecordForm({
  fields,
  record,
  verb,
  onSend,
  onCancel,
}: {
  fields: readonly ModuleField[]
  record?: ModuleRecord | undefined
  verb: string
  onSend: (values: Record<string, unknown>) => Promise<void>
  onCancel: () => void
}) {
  const start = Object.fromEntries(
    fields.map((field) => [
      field.name,
      toTyped(field, record === undefined ? field.default : record[field.name]),
    ]),
  )
  const [typed, setTyped] = useState<Readonly<Record<string, Typed>>>(start)
  const [reasons, setReasons] = useState<Readonly<Record<string, string>>>({})
  const [failure, setFailure] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (isBusy) return
    const values: Record<string, unknown> = {}
    const wrong: Record<string, string> = {}
    for (const field of fields) {
      const now = typed[field.name] ?? ''
      if (now === start[field.name] && (record !== undefined || now === '')) continue
      const taken = fromTyped(field, now)
      if ('reason' in taken) wrong[field.name] = taken.reason
      else values[field.name] = taken.value
    }
    setReasons(wrong)
    setFailure(undefined)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    try {
      await onSend(values)
    } catch (error) {
      const known = new Set(fields.map(({ name }) => name))
      const placed = error instanceof ApiError ? error.problems.filter(({ field }) => known.has(field)) : []
      setReasons(Object.fromEntries(placed.map(({ field, reason }) => [field, reason])))
      if (placed.length === 0) setFailure(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <form className="grid gap-4" onSubmit={(event) => void send(event)} noValidate>
      {fields.map((field) => (
        <Field
          key={field.name}
          label={labelOf(field.name)}
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
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {verb}
        </Button>
      </div>
    </form>
  )
}
