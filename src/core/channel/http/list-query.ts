import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { shortened } from '#contract/shortened.ts'
import type { Condition, ListQuery } from '#ports/records.ts'
import type { Field, Module } from '../../schema/module.ts'

const defaultLimit = 20
const mostLimit = 100
const mostConditions = 30
const filterForm = /^([A-Za-z0-9_]+)(?:\[([a-z]+)\])?$/
const operators = ['gt', 'gte', 'lt', 'lte', 'ne', 'in', 'like'] as const

/** A list query whose limit is decided. */
export type ParsedListQuery = ListQuery & { readonly limit: number }

type Parsed<T> = { readonly value: T } | { readonly problem: FieldProblem }
const wrong = (field: string, reason: string) => ({ problem: { field, reason } })

/**
 * Reads paging, sorting and filters from a query. What can only be wrong in the text is refused here by name; whether a field
 * exists, has an order and takes the value is the engine's to say.
 */
export function parseListQuery(module: Module, parameters: URLSearchParams): Outcome<ParsedListQuery> {
  let query: ParsedListQuery = { limit: defaultLimit }
  const where: Condition[] = []
  const seen = new Set<string>()
  for (const [name, text] of parameters) {
    if (seen.has(name)) return refuseFields([{ field: name, reason: 'stands twice in the query' }])
    seen.add(name)
    const paging = parsePaging(name, text)
    const parsed = paging ?? parseCondition(module, name, text)
    if ('problem' in parsed) return refuseFields([parsed.problem])
    if ('field' in parsed.value) where.push(parsed.value)
    else query = { ...query, ...parsed.value }
    if (where.length > mostConditions)
      return refuseFields([{ field: 'query', reason: `has more than ${mostConditions} filters` }])
  }
  return accept({ ...query, where })
}

/** Undefined for a parameter that is none of the paging ones. */
function parsePaging(name: string, text: string): Parsed<Omit<ListQuery, 'where'>> | undefined {
  switch (name) {
    case 'limit':
      if (!/^[0-9]{1,15}$/.test(text) || Number(text) === 0)
        return wrong(name, 'must be a whole number above 0')
      return { value: { limit: Math.min(Number(text), mostLimit) } }
    case 'cursor':
      return text === '' ? wrong(name, 'must not be empty') : { value: { cursor: text } }
    case 'count':
      if (text !== 'true' && text !== 'false') return wrong(name, 'must be true or false')
      return { value: { count: text === 'true' } }
    case 'sort': {
      const descending = text.startsWith('-')
      return { value: { sort: { field: descending ? text.slice(1) : text, descending } } }
    }
    default:
      return undefined
  }
}

function parseCondition(module: Module, name: string, text: string): Parsed<Condition> {
  const [, fieldName = name, operator] = filterForm.exec(name) ?? []
  const op = operator === undefined ? 'eq' : operators.find((known) => known === operator)
  if (op === undefined)
    return wrong(fieldName, `has the operators ${operators.join(', ')}, not ${shortened(operator ?? '')}`)
  const field = module.fields.get(fieldName)
  if (field === undefined || op === 'like') return { value: { field: fieldName, op, value: text } }
  const value =
    op === 'in' ? [...new Set(text.split(','))].map((part) => readValue(field, part)) : readValue(field, text)
  return { value: { field: fieldName, op, value } }
}

/** Texts are taken as they are; for all other types `null` stands for "has none". */
function readValue(field: Field, text: string): unknown {
  const isText = field.type.name === 'string' || field.type.name === 'email'
  return text === 'null' && !isText ? null : field.type.fromText(text)
}
