import { type Expression, expressionBuilder, type SqlBool, sql } from 'kysely'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { Condition } from '#ports/records.ts'
import type { Field } from '../schema/module.ts'
import { hint } from '../schema/suggest.ts'
import type { SqlDialect } from './dialect.ts'
import type { Table } from './table.ts'
import type { ModuleTables } from './tables.ts'

/** How many values one `in` may have. */
export const mostAlternatives = 1000
const mostPatternLength = 1000
const builder = expressionBuilder<ModuleTables, string>()
const comparisons = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

type Check = Outcome<Expression<SqlBool>> | FieldProblem

/** True for fields that may be asked about from outside. */
export const isShown = (field: Field): boolean =>
  !field.isInternal && !field.isWriteOnly && field.type.name !== 'secret'

/** One value in its stored form; a value of the wrong type is a problem of the field. */
function comparable(table: Table, field: Field, value: unknown): { stored: unknown } | FieldProblem {
  if (value === null) return { stored: null }
  const parsed = table.comparable(field)?.safeParse(value)
  if (parsed === undefined)
    return { field: field.name, reason: `is of type ${field.type.name} and cannot be compared` }
  if (parsed.success) return { stored: table.encodeValue(field, parsed.data) }
  return { field: field.name, reason: parsed.error.issues[0]?.message ?? 'is not valid' }
}

function like(dialect: SqlDialect, field: Field, value: unknown): Check {
  const isText = ['string', 'email', 'enum', 'ref'].includes(field.type.name)
  if (!isText) return { field: field.name, reason: `is of type ${field.type.name} and takes no "like"` }
  if (typeof value !== 'string' || value.length > mostPatternLength || value.includes('\u0000')) {
    return { field: field.name, reason: `must be a pattern of at most ${mostPatternLength} characters` }
  }
  // A lone backslash at the end escapes nothing, which some databases refuse.
  const pattern = /(?<!\\)(?:\\\\)*\\$/.test(value) ? `${value}\\` : value
  return accept(sql<SqlBool>`${sql.ref(field.name)} ${sql.raw(dialect.likeOperator)} ${pattern} escape '\\'`)
}

function anyOf(table: Table, field: Field, value: unknown): Check {
  if (!Array.isArray(value) || value.length > mostAlternatives) {
    return { field: field.name, reason: `must be a list of at most ${mostAlternatives} values` }
  }
  const stored: unknown[] = []
  for (const item of value as unknown[]) {
    const one = comparable(table, field, item)
    if ('reason' in one) return one
    stored.push(one.stored)
  }
  const values = stored.filter((item) => item !== null)
  const isIn = values.length === 0 ? sql<SqlBool>`1 = 0` : builder(field.name, 'in', values)
  return accept(values.length === stored.length ? isIn : builder.or([isIn, builder(field.name, 'is', null)]))
}

function check(table: Table, dialect: SqlDialect, condition: Condition, onlyShown: boolean): Check {
  const field = table.fields.get(condition.field)
  if (field === undefined || (onlyShown && !isShown(field))) {
    const known = [...table.fields.values()].filter(isShown).map(({ name }) => name)
    return {
      field: condition.field,
      reason: `is not a field of ${table.module.name}${hint(condition.field, known)}`,
    }
  }
  if (condition.op === 'like') return like(dialect, field, condition.value)
  if (condition.op === 'in') return anyOf(table, field, condition.value)
  const value = comparable(table, field, condition.value)
  if ('reason' in value) return value
  if (condition.op === 'eq')
    return accept(builder(field.name, value.stored === null ? 'is' : '=', value.stored))
  if (condition.op === 'ne') return accept(builder(field.name, 'is distinct from', value.stored))
  if (!field.type.isOrdered)
    return { field: field.name, reason: `is of type ${field.type.name} and has no order` }
  return accept(builder(field.name, comparisons[condition.op], value.stored))
}

/** The conditions as SQL; refused with all the fields at fault. `onlyShown` hides fields that outsiders may not know. */
export function whereOf(
  table: Table,
  dialect: SqlDialect,
  conditions: readonly Condition[],
  onlyShown: boolean,
): Outcome<readonly Expression<SqlBool>[]> {
  const expressions: Expression<SqlBool>[] = []
  const problems: FieldProblem[] = []
  for (const condition of conditions) {
    const result = check(table, dialect, condition, onlyShown)
    if ('reason' in result) problems.push(result)
    else if (result.ok) expressions.push(result.value)
    else return result
  }
  return problems.length > 0 ? refuseFields(problems) : accept(expressions)
}
