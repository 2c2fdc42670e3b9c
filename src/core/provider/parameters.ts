import { type FieldProblem, mostProblems } from '#contract/outcome.ts'
import type { Field } from '../schema/module.ts'
import { hint } from '../schema/suggest.ts'

type Values = Readonly<Record<string, unknown>>

/** Checks of an action's parameters, made once. */
export interface Parameters {
  /** Values by name, defaults filled in; null counts as absent. Unknown names are a problem. */
  parse(values: Values): {
    readonly values: Record<string, unknown>
    readonly problems: readonly FieldProblem[]
  }
  /** The same for what comes back: more than was asked for is left out, numbers and texts may stand for each other. */
  parseAnswer(values: Values): ReturnType<Parameters['parse']>
}

/** Services differ in whether an id or an amount is a number or a text. */
function coerced(field: Field, value: unknown): unknown {
  if (typeof value === 'number' && field.type.name === 'string') return String(value)
  if (typeof value === 'string' && (field.type.name === 'int' || field.type.name === 'bool'))
    return field.type.fromText(value)
  return value
}

/** Makes the checks of a list of parameters. */
export function createParameters(fields: readonly Field[]): Parameters {
  // Made at the first call: there are many actions, and a process calls few of them.
  let made: readonly { field: Field; schema: ReturnType<Field['type']['schema']> }[] | undefined
  const known = new Set(fields.map(({ name }) => name))
  const check = (given: Values, isAnswer: boolean): ReturnType<Parameters['parse']> => {
    const values: Record<string, unknown> = {}
    const problems: FieldProblem[] = []
    made ??= fields.map((field) => ({ field, schema: field.type.schema(field) }))
    for (const { field, schema } of made) {
      const { name } = field
      const value = Object.hasOwn(given, name) ? given[name] : undefined
      if (value === undefined || value === null) {
        if (field.default !== undefined && field.default !== null) values[name] = field.default
        else if (field.isRequired) problems.push({ field: name, reason: 'is required' })
        continue
      }
      const parsed = schema.safeParse(isAnswer ? coerced(field, value) : value)
      if (parsed.success) values[name] = parsed.data
      else problems.push({ field: name, reason: parsed.error.issues[0]?.message ?? 'is not valid' })
    }
    if (!isAnswer) {
      for (const name of Object.keys(given)) {
        if (known.has(name) || given[name] === undefined) continue
        const isTold = problems.length < mostProblems
        problems.push({ field: name, reason: isTold ? `is not known${hint(name, known)}` : 'is not known' })
      }
    }
    return { values, problems }
  }
  return { parse: (values) => check(values, false), parseAnswer: (values) => check(values, true) }
}
