import type { FieldProblem } from '#contract/outcome.ts'
import type { TransformSide } from './header-rules.ts'
import { readTransform, type TextRule } from './rules.ts'

/** What a plan has to know of a compiled expression. */
export interface PlannedProgram {
  readonly variables: ReadonlySet<string>
  readonly usesBody: boolean
}

/** Compiles one expression of a transform. */
export type CompileExpression<P> = (
  source: string,
  yields: 'text' | 'json',
) => { readonly ok: true; readonly program: P } | { readonly ok: false; readonly reason: string }

/** A text, or the program that makes it, with its place for messages. */
export interface NamedText<P> {
  readonly name: string
  readonly place: string
  readonly text: string | P
}

/** A transform, ready to be applied. */
export interface TransformPlan<P> {
  readonly setHeaders: readonly NamedText<P>[]
  /** In lower case, those that are set included: what is there gives way. */
  readonly droppedHeaders: ReadonlySet<string>
  readonly setQuery: readonly NamedText<P>[]
  readonly droppedQuery: ReadonlySet<string>
  readonly body: P | null
  /** The whole body has to be there before anything can be sent on. */
  readonly needsBody: boolean
  /** All variables that its expressions read. */
  readonly variables: ReadonlySet<string>
}

/** A plan, or every problem with its field. */
export type PlannedTransform<P> =
  | { readonly ok: true; readonly plan: TransformPlan<P> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Reads and compiles the JSON of a transform field. */
export function planTransform<P extends PlannedProgram>(
  value: unknown,
  side: TransformSide,
  field: string,
  compile: CompileExpression<P>,
): PlannedTransform<P> {
  const { rules, problems: found } = readTransform(value, side, field)
  const problems = [...found]
  const programs: P[] = []
  const program = (place: string, source: string, yields: 'text' | 'json'): P | undefined => {
    const compiled = compile(source, yields)
    if (compiled.ok) programs.push(compiled.program)
    else problems.push({ field: `${field}.${place}`, reason: compiled.reason })
    return compiled.ok ? compiled.program : undefined
  }
  const named = (group: string, entries: readonly (readonly [string, TextRule])[]): NamedText<P>[] =>
    entries.map(([name, rule]) => {
      const place = `${group}.${name}`
      const text = rule.kind === 'literal' ? rule.text : (program(place, rule.source, 'text') ?? '')
      return { name, place, text }
    })
  const setHeaders = named('set_headers', rules.setHeaders)
  const setQuery = named('set_query', rules.setQuery)
  const body =
    rules.bodyExpression === null ? null : (program('body_expr', rules.bodyExpression, 'json') ?? null)
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    plan: {
      setHeaders,
      droppedHeaders: new Set(
        [...rules.deleteHeaders, ...setHeaders.map(({ name }) => name)].map((name) => name.toLowerCase()),
      ),
      setQuery,
      droppedQuery: new Set([...rules.deleteQuery, ...setQuery.map(({ name }) => name)]),
      body,
      needsBody: body !== null || programs.some((one) => one.usesBody),
      variables: new Set(programs.flatMap((one) => [...one.variables])),
    },
  }
}
