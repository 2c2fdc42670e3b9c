import type { ExpressionResult } from './expression.ts'

/** What kind of value a field holds, as expressions see it; `dyn` may also be null. */
export type RecordVariable = 'int' | 'string' | 'bool' | 'dyn'

/** An expression over a record's fields, compiled, or why it is none. */
export type CompiledRecordExpression =
  | { readonly ok: true; run(record: Readonly<Record<string, unknown>>): ExpressionResult }
  | { readonly ok: false; readonly reason: string }

/** Compiles expressions over the fields of a record; `yields` are the types that the result may have beside null. */
export type CompileRecordExpression = (
  source: string,
  fields: Readonly<Record<string, RecordVariable>>,
  yields: readonly ('int' | 'double' | 'string' | 'bool' | 'list' | 'map')[],
) => CompiledRecordExpression
