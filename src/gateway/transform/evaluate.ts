import { type Refusal, refuse } from '#contract/outcome.ts'
import { headerValue } from '#domain/transform/header-rules.ts'
import type { NamedText } from '#domain/transform/plan.ts'
import type { ExpressionResult } from '#ports/expression.ts'

/** A transform that failed: what the client is told, and why, for the log. */
export interface TransformFailure {
  readonly ok: false
  readonly refusal: Refusal
  /** Names the part of the transform; holds nothing of the request or the answer. */
  readonly detail: string
}

/** Thrown inside this folder only, so that no step after a failing one can be forgotten. */
export class Broken extends Error {}

/** Makes the failure that a broken transform answers; anything else goes on. */
export function failureOf(
  error: unknown,
  field: 'request_transform' | 'response_transform',
): TransformFailure {
  if (!(error instanceof Broken)) throw error
  const what = field === 'request_transform' ? 'request' : 'answer'
  return {
    ok: false,
    refusal: refuse('transform_error', `The ${what} could not be transformed`, { field }),
    detail: error.message,
  }
}

type Runs<C> = { run(context: C): ExpressionResult }

/** The texts of some entries; the values of headers are checked to be ones. */
export function textsOf<C>(
  entries: readonly NamedText<Runs<C>>[],
  context: C,
  areHeaders: boolean,
): [name: string, value: string][] {
  return entries.map(({ name, place, text }) => {
    const value = typeof text === 'string' ? text : String(resultOf(text, context, place))
    const checked = areHeaders ? headerValue(value) : value
    if (checked === undefined)
      throw new Broken(`${place}: the result holds characters that a header cannot carry`)
    return [name, checked]
  })
}

/** A body made by an expression: a text as it is, anything else as JSON. */
export function bodyOf<C>(program: Runs<C>, context: C): { bytes: Buffer; isJson: boolean } {
  const value = resultOf(program, context, 'body_expr')
  if (typeof value === 'string') return { bytes: Buffer.from(value), isJson: false }
  return { bytes: Buffer.from(JSON.stringify(value)), isJson: true }
}

function resultOf<C>(program: Runs<C>, context: C, place: string): unknown {
  const result = program.run(context)
  if (!result.ok) throw new Broken(`${place}: ${result.reason}`)
  return result.value
}
