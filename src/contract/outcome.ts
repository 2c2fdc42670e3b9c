import type { ErrorCode } from './errors.ts'

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

/** Builds a `validation_error` from the fields at fault; one alone becomes `details.field`, several also `details.errors`. */
export function refuseFields(problems: readonly FieldProblem[]): Refusal {
  const first = problems[0] ?? { field: 'body', reason: 'is not valid' }
  const details = { field: first.field, reason: first.reason }
  return refuse(
    'validation_error',
    `${first.field} ${first.reason}`,
    problems.length > 1 ? { ...details, errors: problems } : details,
  )
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
