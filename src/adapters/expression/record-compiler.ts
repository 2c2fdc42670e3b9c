import type { CompileRecordExpression } from '#ports/record-expression.ts'
import { compileOver } from './cel-compiler.ts'
import { celBase, withVariables } from './cel-language.ts'
import type { VariableTypes } from './variables.ts'

/** The compiler of computed fields; a null in the record stays null, so that an expression can ask for it. */
export function createRecordCompiler(): CompileRecordExpression {
  let made: ReturnType<typeof celBase> | undefined
  return (source, fields, yields) => {
    made ??= celBase()
    const base = made
    const variables: VariableTypes = new Map(Object.entries(fields))
    const isWanted = (type: string): boolean => {
      const bare = type.replace(/<.*$/, '')
      return bare === 'dyn' || bare === 'null' || yields.some((one) => one === bare)
    }
    const compiled = compileOver<Readonly<Record<string, unknown>>>(
      withVariables(base, variables),
      variables,
      source,
      'json',
      (type) =>
        isWanted(type) ? undefined : `must yield ${yields.join(' or ')}, not ${type.replace('$', '')}`,
    )
    return compiled.ok ? { ok: true, run: compiled.program.run } : compiled
  }
}
