import type { FieldProblem } from '#contract/outcome.ts'
import { headerNameProblem, headerValue, type TransformSide } from './header-rules.ts'

/** A text as it stands, or an expression that makes it. */
export type TextRule =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'expression'; readonly source: string }

/** A route's transform, read but not compiled. Header names keep their spelling. */
export interface TransformRules {
  readonly setHeaders: readonly (readonly [name: string, value: TextRule])[]
  readonly deleteHeaders: readonly string[]
  readonly setQuery: readonly (readonly [name: string, value: TextRule])[]
  readonly deleteQuery: readonly string[]
  readonly bodyExpression: string | null
}

const mostEntries = 64
const longestLiteral = 4096

/** Reads what stands in request_transform or response_transform; every problem names its place below `field`. */
export function readTransform(
  value: unknown,
  side: TransformSide,
  field: string,
): { readonly rules: TransformRules; readonly problems: readonly FieldProblem[] } {
  const reader = new Reader(side, field)
  return { rules: reader.read(value), problems: reader.problems }
}

class Reader {
  readonly problems: FieldProblem[] = []
  readonly #side: TransformSide
  readonly #field: string

  constructor(side: TransformSide, field: string) {
    this.#side = side
    this.#field = field
  }

  read(value: unknown): TransformRules {
    const known = ['set_headers', 'delete_headers', 'body_expr']
    if (this.#side === 'request') known.push('set_query', 'delete_query')
    const members = this.#object('', value)
    for (const name of Object.keys(members))
      if (!known.includes(name)) this.#problem(name, `is not known; there are ${known.join(', ')}`)
    const setHeaders = this.#texts('set_headers', members['set_headers'])
    const deleteHeaders = this.#names('delete_headers', members['delete_headers'])
    this.#checkHeaders(setHeaders, deleteHeaders)
    const setQuery = known.includes('set_query') ? this.#texts('set_query', members['set_query']) : []
    const deleteQuery = known.includes('delete_query')
      ? this.#names('delete_query', members['delete_query'])
      : []
    for (const [index, name] of [...setQuery.map(([one]) => one), ...deleteQuery].entries())
      if (name === '' || name.length > 256)
        this.#problem(
          index < setQuery.length ? `set_query.${name}` : 'delete_query',
          'names an unusable parameter',
        )
    return {
      setHeaders,
      deleteHeaders,
      setQuery,
      deleteQuery,
      bodyExpression: this.#bodyExpression(members['body_expr']),
    }
  }

  #bodyExpression(value: unknown): string | null {
    if (value === undefined || value === null) return null
    if (typeof value === 'string' && value.trim() !== '') return value
    this.#problem('body_expr', 'must be an expression, as text')
    return null
  }

  #checkHeaders(set: TransformRules['setHeaders'], deleted: readonly string[]): void {
    const seen = new Set<string>()
    for (const [name, value] of set) {
      const place = `set_headers.${name}`
      const problem = headerNameProblem(name, this.#side)
      if (problem !== undefined) this.#problem(place, problem)
      if (seen.has(name.toLowerCase())) this.#problem(place, 'is there twice')
      seen.add(name.toLowerCase())
      if (value.kind === 'literal' && headerValue(value.text) === undefined)
        this.#problem(place, 'holds characters that a header cannot carry')
    }
    for (const name of deleted) {
      const problem = headerNameProblem(name, this.#side)
      if (problem !== undefined) this.#problem('delete_headers', `names ${name}, which ${problem}`)
    }
  }

  #texts(place: string, value: unknown): TransformRules['setHeaders'] {
    const entries = Object.entries(this.#object(place, value))
    if (entries.length > mostEntries) this.#problem(place, `has more than ${mostEntries} entries`)
    return entries.map(([name, text]) => [name, this.#text(`${place}.${name}`, text)])
  }

  /** `=...` is an expression, everything else stands for itself. */
  #text(place: string, value: unknown): TextRule {
    if (typeof value !== 'string')
      this.#problem(place, 'must be a text; one that begins with = is an expression')
    else if (value.startsWith('=')) return { kind: 'expression', source: value.slice(1) }
    else if (value.length > longestLiteral)
      this.#problem(place, `is longer than ${longestLiteral} characters`)
    return { kind: 'literal', text: String(value) }
  }

  #names(place: string, value: unknown): readonly string[] {
    if (value === undefined || value === null) return []
    const isList = Array.isArray(value) && value.every((name) => typeof name === 'string')
    if (!isList) this.#problem(place, 'must be a list of names')
    else if (value.length > mostEntries) this.#problem(place, `has more than ${mostEntries} entries`)
    return isList ? (value as string[]) : []
  }

  #object(place: string, value: unknown): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
    this.#problem(place, 'must be an object')
    return {}
  }

  #problem(place: string, reason: string): void {
    this.problems.push({ field: place === '' ? this.#field : `${this.#field}.${place}`, reason })
  }
}
