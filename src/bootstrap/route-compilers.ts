import { createExpressionCompiler } from '#adapters/expression/cel-compiler.ts'
import { createAjvBodyValidators } from '#adapters/validation/ajv-body-validators.ts'
import { rememberingValidators } from '#adapters/validation/remembering-validators.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'

/** What the expressions and schemas of routes are compiled by, for one thread. */
export const createRouteCompilers = (): {
  readonly expressions: ExpressionCompiler
  readonly validators: BodyValidators
} => ({
  expressions: createExpressionCompiler(),
  validators: rememberingValidators(createAjvBodyValidators()),
})
