import type { FieldProblem } from '#contract/outcome.ts'
import type { BodyRule, BodyRules, BodyValidators, CompiledSchema } from '#ports/body-validator.ts'

/** A route's `request_schema` as written, judged; null where it says nothing. */
export type JudgedBodyRules =
  | { readonly ok: true; readonly rules: BodyRules | null }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

const mostMethods = 10

/** Reads a stored or given `request_schema`. What its schemas say is not looked at before a rule is used. */
export function readBodyRules(value: unknown, validators: BodyValidators): JudgedBodyRules {
  if (value === null || value === undefined) return { ok: true, rules: null }
  const refused = (reason: string, field = 'request_schema'): JudgedBodyRules => ({
    ok: false,
    problems: [{ field, reason }],
  })
  if (!isMap(value)) return refused('must be an object of methods, for example {"POST": {"schema": {...}}}')
  const methods = Object.entries(value)
  if (methods.length > mostMethods) return refused(`must not have more than ${mostMethods} methods`)
  const rules = new Map<string, BodyRule>()
  for (const [method, rule] of methods) {
    const field = `request_schema.${method}`
    if (!/^[A-Z]{1,20}$/.test(method)) return refused('must be a method in capitals', field)
    if (!isMap(rule) || rule['schema'] === undefined) return refused('must be an object with a schema', field)
    const other = Object.keys(rule).find((name) => name !== 'schema' && name !== 'required')
    if (other !== undefined)
      return refused('is not known; a method has required and schema', `${field}.${other}`)
    const { required = false, schema } = rule
    if (typeof required !== 'boolean') return refused('must be true or false', `${field}.required`)
    rules.set(method, { isRequired: required, validator: once(() => validators.compile(schema)) })
  }
  return { ok: true, rules: rules.size === 0 ? null : rules }
}

/** Reads a `request_schema` and compiles all of it: what is wrong with a schema names its method and the place. */
export function judgeBodyRules(value: unknown, validators: BodyValidators): JudgedBodyRules {
  const read = readBodyRules(value, validators)
  if (!read.ok || read.rules === null) return read
  const problems: FieldProblem[] = []
  for (const [method, rule] of read.rules) {
    const compiled = rule.validator()
    if (!compiled.ok) problems.push({ field: `request_schema.${method}.schema`, reason: compiled.reason })
  }
  return problems.length === 0 ? read : { ok: false, problems }
}

function once(compile: () => CompiledSchema): () => CompiledSchema {
  let compiled: CompiledSchema | undefined
  return () => {
    compiled ??= compile()
    return compiled
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
