import type { CompileRecordExpression } from '#ports/record-expression.ts'
import { compileOver } from './cel-compiler.ts'
import { celLanguageOf } from './cel-language.ts'
import type { VariableTypes } from './variables.ts'

/** The compiler of computed fields; a null in the record stays null, so that an expression can ask for it. */
export function createRecordCompiler(): CompileRecordExpression {
  return (source, fields, yields) => {
    const variables: VariableTypes = new Map(Object.entries(fields))
    const isWanted = (type: string): boolean => {
      const bare = type.replace(/<.*$/, '')
      return bare === 'dyn' || bare === 'null' || yields.some((one) => one === bare)
    }
    const compiled = compileOver<Readonly<Record<string, unknown>>>(
      celLanguageOf(variables),
      variables,
      source,
      'json',
      (type) =>
        isWanted(type) ? undefined : `must yield ${yields.join(' or ')}, not ${type.replace('$', '')}`,
    )
    return compiled.ok ? { ok: true, run: compiled.program.run } : compiled
  }
}
