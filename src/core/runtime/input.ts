import { type FieldProblem, mostProblems } from '#contract/outcome.ts'
import type { Row } from '#ports/records.ts'
import type { Field } from '../schema/module.ts'
import { hint } from '../schema/suggest.ts'
import type { Blueprint, Checked } from './blueprint.ts'

type Values = Readonly<Record<string, unknown>>

/** The parsed input of a call, and what was wrong with it. */
export interface Parsed {
  readonly draft: Record<string, unknown>
  readonly problems: FieldProblem[]
}

const isClosed = (field: Field): boolean => field.isInternal || field.isInternalWrite

/**
 * Why a field may not be given, as if it were not there when nobody outside may know it. Finding out what an unknown name may have meant
 * is only worth its time for a problem that is told.
 */
function refusal(
  blueprint: Blueprint,
  name: string,
  isSystem: boolean,
  isTold: boolean,
): FieldProblem | undefined {
  const { module, action, accepts } = blueprint
  const field = accepts.get(name)?.field
  if (field?.computed !== undefined && !field.isInternal)
    return { field: name, reason: 'is computed from the rest of the record' }
  if (field !== undefined && (isSystem || !isClosed(field))) return undefined
  const visible = module.fields.get(name)
  if (visible !== undefined && !visible.isInternal && action.kind !== 'delete') {
    if (visible.isImplicit || visible.isInternalWrite) return { field: name, reason: 'is set by the server' }
    return { field: name, reason: `cannot be given to ${action.name}` }
  }
  if (!isTold) return { field: name, reason: 'is not known' }
  const known = [...accepts.values()].filter((one) => !isClosed(one.field)).map((one) => one.field.name)
  return { field: name, reason: `is not a field of ${module.name}${hint(name, known)}` }
}

function parseValue({ field, schema }: Checked, value: unknown): { value: unknown } | FieldProblem {
  if (value === null) {
    if (field.default !== undefined && field.default !== null) return { value: undefined }
    return field.isRequired ? { field: field.name, reason: 'is required' } : { value: null }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { value: parsed.data }
  return { field: field.name, reason: parsed.error.issues[0]?.message ?? 'is not valid' }
}

/** True for the same value, also of objects. */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === other ||
  (typeof one === 'object' && typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other))

/**
 * Checks every field of an input and normalises it: unknown names, types, bounds, fields that may not be given or changed, fields that
 * are missing. Null puts a default back. Defaults and the action's own `set` are in the draft; refs are not looked up yet.
 */
export function parseInput(
  blueprint: Blueprint,
  input: Values,
  before: Row | undefined,
  now: string,
  { isSystem, isRelease }: { readonly isSystem: boolean; readonly isRelease: boolean },
): Parsed {
  const draft: Record<string, unknown> = {}
  const problems: FieldProblem[] = []
  for (const [name, given] of Object.entries(input)) {
    if (given === undefined) continue
    const problem = refusal(blueprint, name, isSystem, problems.length < mostProblems)
    const checked = blueprint.accepts.get(name)
    if (problem !== undefined || checked === undefined) {
      if (problem !== undefined) problems.push(problem)
      continue
    }
    const parsed = parseValue(checked, given)
    if ('reason' in parsed) problems.push(parsed)
    else if (parsed.value === undefined) draft[name] = defaultOf(blueprint, name, now)
    else draft[name] = parsed.value
    const isFixed = checked.field.isImmutable && !isRelease
    if (before !== undefined && isFixed && !isSame(draft[name], before[name] ?? null)) {
      problems.push({ field: name, reason: 'cannot be changed' })
    }
  }
  for (const { name, valueAt } of blueprint.defaults)
    if (draft[name] === undefined) draft[name] = valueAt(now)
  for (const { name, valueAt } of blueprint.sets) draft[name] = valueAt(now)
  const reported = new Set(problems.map(({ field }) => field))
  for (const field of blueprint.required) {
    // What only behaviours can set is missed after they have run.
    if (draft[field.name] === undefined && !isClosed(field) && !reported.has(field.name)) {
      problems.push({ field: field.name, reason: 'is required' })
    }
  }
  return { draft, problems }
}

function defaultOf(blueprint: Blueprint, name: string, now: string): unknown {
  const known = blueprint.defaults.find((one) => one.name === name)
  const field = blueprint.accepts.get(name)?.field
  return known?.valueAt(now) ?? (field?.default === 'now()' ? now : field?.default)
}

/** Checks and normalises what behaviours have put in the place of the parsed values, and sees that nothing required is empty now. */
export function checkDraft(
  blueprint: Blueprint,
  draft: Record<string, unknown>,
  parsed: Values,
): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const [name, value] of Object.entries(draft)) {
    const checked = blueprint.stored.get(name)
    if (checked === undefined || value === parsed[name] || value === undefined || value === null) continue
    const result = checked.schema.safeParse(value)
    if (result.success) draft[name] = result.data
    else problems.push({ field: name, reason: result.error.issues[0]?.message ?? 'is not valid' })
  }
  const isCreate = blueprint.action.kind === 'create'
  for (const { field } of blueprint.stored.values()) {
    if (!field.isRequired || field.computed !== undefined) continue
    const value = draft[field.name]
    if (value === null || (value === undefined && (isCreate || Object.hasOwn(draft, field.name)))) {
      problems.push({ field: field.name, reason: 'is required' })
    }
  }
  return problems
}

/** The stored fields of a draft that differ from the record as it was. */
export function changesOf(blueprint: Blueprint, draft: Values, before: Row): Record<string, unknown> {
  const changes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(draft)) {
    const field = blueprint.stored.get(name)?.field
    if (field === undefined || field.computed !== undefined || value === undefined) continue
    if (!isSame(value, before[name] ?? null)) changes[name] = value
  }
  return changes
}
