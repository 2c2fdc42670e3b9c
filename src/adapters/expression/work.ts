/**
 * Most work of one run, and again of writing its result. Every step, and every 64 characters or single element that a step
 * touches, is one unit.
 */
export const mostWork = 50_000

// Building an error costs far more than a step; charging it keeps loops over failing predicates short.
const workOfFailure = 200

/** One run of a program: what it reads, what its macros' variables hold, and how much work is left. */
export interface Run {
  readonly context: Readonly<Record<string, unknown>>
  readonly slots: unknown[]
  workLeft: number
}

/** One node of an expression, ready to run. */
export type Step = (run: Run) => unknown

/** An expression that cannot be evaluated on this input. The message never holds values of the input. */
export class ExpressionFailure extends Error {}

/** The bound on work was reached; nothing in the expression may catch it. */
export class WorkExhausted extends Error {}

/** Counts work before it is done. */
export function charge(run: Run, units: number): void {
  run.workLeft -= units
  if (run.workLeft < 0) throw new WorkExhausted('takes too long')
}

/** Counts the work of touching every character of a text. */
export function chargeText(run: Run, text: string): void {
  charge(run, text.length >> 6)
}

/** The failure to throw, paid for. */
export function failure(run: Run, message: string): ExpressionFailure {
  charge(run, workOfFailure)
  return new ExpressionFailure(message)
}
