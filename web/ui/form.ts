import { useEffect, useState } from 'react'
import { type DefaultValues, type FieldValues, type Path, type UseFormReturn, useForm } from 'react-hook-form'
import { ApiError } from '@/data/api.ts'
import { holdTyped, isSessionOver, signInAgain } from '@/data/session-over.ts'

/** A form whose refusals by the server land at their fields; what names no field stands in `failure`. */
export interface ServerForm<Values extends FieldValues> {
  readonly form: UseFormReturn<Values>
  /** What went wrong and belongs to no field. */
  readonly failure: unknown
  readonly isBusy: boolean
  /** What a form element gets as `onSubmit`. */
  readonly submit: (event: { preventDefault(): void }) => void
  errorOf(name: Path<Values>): string | undefined
}

/**
 * Makes a form that keeps what was typed, sends it once at a time, and puts the server's words where they belong. Where the session has
 * ended meanwhile, it is sent once more after a new sign-in.
 */
export function useServerForm<Values extends FieldValues>(
  start: DefaultValues<Values>,
  send: (values: Values) => Promise<void>,
): ServerForm<Values> {
  const form = useForm<Values>({ defaultValues: start })
  const [failure, setFailure] = useState<unknown>()
  const { errors, isSubmitting, isDirty } = form.formState
  useEffect(() => (isDirty ? holdTyped() : undefined), [isDirty])

  const attempt = form.handleSubmit(async (values) => {
    setFailure(undefined)
    try {
      await send(values).catch(async (error: unknown) => {
        if (!isSessionOver(error) || (await signInAgain()) !== true) throw error
        await send(values)
      })
    } catch (error) {
      const names = new Set(Object.keys(form.getValues()))
      const placed = error instanceof ApiError ? error.problems.filter(({ field }) => names.has(field)) : []
      for (const { field, reason } of placed)
        form.setError(field as Path<Values>, { message: sentence(reason) }, { shouldFocus: true })
      if (placed.length === 0) setFailure(error)
    }
  })
  return {
    form,
    failure,
    isBusy: isSubmitting,
    submit: (event) => {
      event.preventDefault()
      if (!isSubmitting) void attempt()
    },
    errorOf: (name) => {
      const message = errors[name]?.message
      return typeof message === 'string' ? message : undefined
    },
  }
}

/** A reason that the server gives, as a sentence of its own. */
export const sentence = (reason: string): string => reason.charAt(0).toUpperCase() + reason.slice(1)
