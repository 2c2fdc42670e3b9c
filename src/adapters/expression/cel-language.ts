import { Environment } from '@marcbachmann/cel-js'
import type { ExpressionKind } from '#ports/expression.ts'
import { type VariableTypes, variablesOf } from './variables.ts'

/** Bounds of the syntax tree; the source itself is bounded by the compiler. */
const limits = {
  maxAstNodes: 400,
  maxDepth: 24,
  maxListElements: 100,
  maxMapEntries: 100,
  maxCallArguments: 8,
}

class MathNamespace {}

// The library only parses and checks; running is in build.ts, so the handlers it asks for are never called.
const neverCalled = (): never => {
  throw new Error('the library does not run expressions here')
}

/** The language of one kind of expression, as the parser and type checker need it. */
export const celLanguage = (kind: ExpressionKind): Environment => withVariables(celBase(), variablesOf[kind])

/** The language without variables; making it is what costs time. */
export function celBase(): Environment {
  const language = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits })
  for (const operator of ['+', '-', '*', '/'])
    for (const [left, right] of [
      ['int', 'double'],
      ['double', 'int'],
    ])
      language.registerOperator(`${left} ${operator} ${right}: double`, neverCalled)
  language.registerOperator('int == double: bool', neverCalled)
  language.registerType('math', MathNamespace)
  language.registerConstant('math', 'math', new MathNamespace())
  for (const name of ['ceil', 'floor', 'round'])
    for (const type of ['int', 'double']) language.registerFunction(`math.${name}(${type}): int`, neverCalled)
  for (const name of ['greatest', 'least'])
    for (const [first, second, result] of [
      ['int', 'int', 'int'],
      ['double', 'double', 'double'],
      ['int', 'double', 'double'],
      ['double', 'int', 'double'],
    ])
      language.registerFunction(`math.${name}(${first}, ${second}): ${result}`, neverCalled)
  language.registerFunction('map.merge(map): map<string, dyn>', neverCalled)
  language.registerFunction('map.without(list<string>): map<string, dyn>', neverCalled)
  return language
}

/** The language of a base, which stays as it is, with variables. */
export function withVariables(base: Environment, variables: VariableTypes): Environment {
  const language = base.clone()
  for (const [name, type] of variables)
    if (typeof type === 'string') language.registerVariable(name, type)
    else language.registerVariable({ name, schema: { ...type } })
  return language
}
