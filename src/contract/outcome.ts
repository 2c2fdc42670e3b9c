import type { ErrorCode } from './errors.ts'
import { shortened } from './shortened.ts'

/** What a refusal tells beyond its message: the field at fault, the reason, and whatever helps the caller on. */
export type Details = Readonly<Record<string, unknown>>

/** One field that was refused, with the reason in words. */
export interface FieldProblem {
  readonly field: string
  readonly reason: string
}

/** An expected "no", as a value: nothing was changed. */
export interface Refusal {
  readonly ok: false
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Details
}

/** A "yes" with its value, or a refusal. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | Refusal

/** Wraps a value as a success. */
export const accept = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })

/** Builds a refusal from a row of the error table. */
export function refuse(code: ErrorCode, message: string, details?: Details): Refusal {
  return details === undefined ? { ok: false, code, message } : { ok: false, code, message, details }
}

/** As many problems as one answer tells; of the others it tells only how many there are. */
export const mostProblems = 20

/**
 * Builds a `validation_error` from the fields at fault; one alone becomes `details.field`, several also `details.errors`. Names are cut
 * at 80 characters; beyond 20 problems `details.more` and the message say how many more there are.
 */
export function refuseFields(problems: readonly FieldProblem[]): Refusal {
  const told = problems
    .slice(0, mostProblems)
    .map(({ field, reason }) => ({ field: shortened(field), reason }))
  const first = told[0] ?? { field: 'body', reason: 'is not valid' }
  const more = problems.length - told.length
  const message = `${first.field} ${first.reason}`
  const details = told.length > 1 ? { ...first, errors: told } : first
  if (more === 0) return refuse('validation_error', message, details)
  return refuse('validation_error', `${message} (${problems.length - 1} more problems)`, { ...details, more })
}

/** A failure the caller cannot act on; only boundaries catch it. `detail` is for the log and never leaves the process. */
export class Fault extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown }) {
    super(detail, options)
    this.name = 'Fault'
    this.code = code
  }
}
