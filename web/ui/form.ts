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
      await insistOnSession(() => send(values))
    } catch (error) {
      const names = Object.keys(form.getValues())
      const placed =
        error instanceof ApiError ? error.problems.filter(({ field }) => names.includes(field)) : []
      for (const { field, reason } of placed)
        form.setError(field as Path<Values>, { message: sentence(reason) })
      // The first one on the page, in whatever order the server names them.
      const first = names.find((name) => placed.some(({ field }) => field === name))
      if (first === undefined) setFailure(error)
      else form.setFocus(first as Path<Values>)
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

/** Sends something; where the session has ended meanwhile, once more after a new sign-in. */
export const insistOnSession = (send: () => Promise<void>): Promise<void> =>
  send().catch(async (error: unknown) => {
    if (!isSessionOver(error) || (await signInAgain()) !== true) throw error
    await send()
  })

/** A reason that the server gives, as a sentence of its own. */
export const sentence = (reason: string): string => reason.charAt(0).toUpperCase() + reason.slice(1)
