import { type JsonPath, parsePath, valueAt } from './json-path.ts'
import { fill, namesIn, parseTemplate, type Scope, type Template } from './template.ts'

/** Where the paths of a mapping begin: `$name` in `roots`, everything else in `data`. */
export interface MappingInput {
  readonly data: unknown
  readonly roots?: Readonly<Record<string, unknown>>
  readonly scope: Scope
}

/** One way to a value. */
export type Expression =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'path'; readonly path: JsonPath }

/** Reads the text of a mapping: alternatives between ` | `, each a path, `=a literal` or a template; undefined when one is none. */
export function parseExpressions(text: string): readonly Expression[] | undefined {
  if (text.startsWith('=')) return [{ kind: 'literal', text: text.slice(1) }]
  const alternatives = text.split(' | ').map((part) => parseExpression(part.trim()))
  return alternatives.every((one) => one !== undefined) ? alternatives : undefined
}

function parseExpression(text: string): Expression | undefined {
  if (text.startsWith('=')) return { kind: 'literal', text: text.slice(1) }
  if (text.includes('${')) {
    const template = parseTemplate(text)
    return template === undefined ? undefined : { kind: 'template', template }
  }
  const path = parsePath(text)
  return path === undefined ? undefined : { kind: 'path', path }
}

/** The names that the templates of a text use. */
export const templateNames = (expressions: readonly Expression[]): readonly string[] =>
  expressions.flatMap((one) => (one.kind === 'template' ? namesIn(one.template) : []))

function read(expression: Expression, input: MappingInput): unknown {
  if (expression.kind === 'literal') return expression.text
  if (expression.kind === 'template') return fill(expression.template, input.scope)
  const [first, ...rest] = expression.path
  if (typeof first === 'string' && first.startsWith('$'))
    return valueAt(Object.hasOwn(input.roots ?? {}, first) ? input.roots?.[first] : undefined, rest)
  return valueAt(input.data, expression.path)
}

function evaluateText(text: string, input: MappingInput): unknown {
  for (const expression of parseExpressions(text) ?? []) {
    const value = read(expression, input)
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/**
 * Builds a JSON value as a mapping describes it: texts are ways to values, other scalars stand for themselves, maps and lists are built
 * of their parts. What has no value is left out, and so is a map or list that nothing is left of; a map with `$if` is left out when
 * that way leads to nothing, to an empty text or to false.
 */
export function evaluate(mapping: unknown, input: MappingInput): unknown {
  if (typeof mapping === 'string') return evaluateText(mapping, input)
  if (Array.isArray(mapping)) {
    const items = mapping.map((item) => evaluate(item, input)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  if (typeof mapping !== 'object' || mapping === null) return mapping
  const { $if: condition, ...parts } = mapping as Record<string, unknown>
  if (condition !== undefined) {
    const value = evaluateText(String(condition), input)
    if (value === undefined || value === '' || value === false) return undefined
  }
  const entries = Object.entries(parts)
    .map(([name, part]) => [name, evaluate(part, input)] as const)
    .filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
