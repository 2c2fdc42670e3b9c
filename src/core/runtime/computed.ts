import type { z } from 'zod'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { Computation } from '#ports/behaviour.ts'
import type { ExpressionResult } from '#ports/expression.ts'
import type { CompileRecordExpression, RecordVariable } from '#ports/record-expression.ts'
import type { Computed, Field, Module } from '../schema/module.ts'
import type { SchemaProblem } from '../schema/problem.ts'
import { hint } from '../schema/suggest.ts'

/** A field whose value is worked out, ready to be so. */
export interface ComputedField {
  readonly field: Field
  readonly schema: z.ZodType
  compute(record: Values): ExpressionResult
}

/** What computed fields may be made of. */
export interface ComputingParts {
  readonly expressions?: CompileRecordExpression | undefined
  /** By the names that `computed: { call: ... }` uses. */
  readonly computations?: Readonly<Record<string, Computation>> | undefined
}

type Values = Readonly<Record<string, unknown>>

const yields = {
  int: ['int', 'double'],
  bool: ['bool'],
  json: ['list', 'map'],
} as const

/** The fields that an expression may name: stored ones that somebody else fills; those that may be empty have no type. */
function variablesOf(module: Module): Readonly<Record<string, RecordVariable>> {
  const types: Readonly<Record<string, RecordVariable>> = { int: 'int', bool: 'bool', json: 'dyn' }
  const usable = [...module.fields.values()].filter(
    (field) =>
      field.computed === undefined &&
      !field.isWriteOnly &&
      field.name !== 'updated_at' &&
      !['secret', 'bytes'].includes(field.type.name),
  )
  return Object.fromEntries(
    usable.map((field) => [
      field.name,
      field.isRequired || (field.default ?? null) !== null ? (types[field.type.name] ?? 'string') : 'dyn',
    ]),
  )
}

function fromCode(computation: Computation): ComputedField['compute'] {
  return (record) => {
    try {
      return { ok: true, value: computation(record) ?? null }
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : String(error) }
    }
  }
}

function computeOf(
  module: Module,
  field: Field,
  computed: Computed,
  parts: ComputingParts,
): { compute: ComputedField['compute'] } | { problem: string } {
  if (computed.kind === 'call') {
    const known = parts.computations ?? {}
    const computation = Object.hasOwn(known, computed.name) ? known[computed.name] : undefined
    if (computation !== undefined) return { compute: fromCode(computation) }
    return {
      problem: `calls "${computed.name}", which computes nothing${hint(computed.name, Object.keys(known))}`,
    }
  }
  if (parts.expressions === undefined) return { problem: 'expressions cannot be computed here' }
  const wanted = Object.hasOwn(yields, field.type.name)
    ? yields[field.type.name as keyof typeof yields]
    : undefined
  const compiled = parts.expressions(computed.source, variablesOf(module), wanted ?? ['string'])
  return compiled.ok ? { compute: compiled.run } : { problem: compiled.reason }
}

/** Prepares the computed fields of a module; what is wrong with one goes to the problems. */
export function prepareComputed(
  module: Module,
  parts: ComputingParts,
  problems: SchemaProblem[],
): readonly ComputedField[] {
  return [...module.fields.values()].flatMap((field) => {
    if (field.computed === undefined) return []
    const made = computeOf(module, field, field.computed, parts)
    if ('compute' in made) return [{ field, schema: field.type.schema(field), compute: made.compute }]
    const { file } = module
    problems.push({
      file,
      ...field.computed.place,
      field: `schema.${field.name}.computed`,
      message: made.problem,
    })
    return []
  })
}

/** The values of the computed fields for a record; refused where one has none that fits. */
export function computeFields(
  fields: readonly ComputedField[],
  record: Values,
): Outcome<Readonly<Record<string, unknown>>> {
  if (fields.length === 0) return accept({})
  const values: Record<string, unknown> = {}
  const problems: FieldProblem[] = []
  for (const { field, schema, compute } of fields) {
    const { name } = field
    const result = compute(record)
    if (!result.ok) problems.push({ field: name, reason: `cannot be computed: ${result.reason}` })
    else if (result.value === null) {
      if (field.isRequired) problems.push({ field: name, reason: 'cannot be computed: the result is empty' })
      values[name] = null
    } else {
      const parsed = schema.safeParse(result.value)
      if (parsed.success) values[name] = parsed.data
      else problems.push({ field: name, reason: `is computed and ${parsed.error.issues[0]?.message}` })
    }
  }
  return problems.length > 0 ? refuseFields(problems) : accept(values)
}
