import { Fault } from '#contract/outcome.ts'

/** One mistake in a module file: where it is and how to mend it. */
export interface SchemaProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The place in the file, for example `schema.price` or `hooks.before_create[0]`. */
  readonly field: string
  readonly message: string
}

const sentence = (problem: SchemaProblem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.field === '' ? '' : `${problem.field}: `}${problem.message}`

/** Stops the boot: every mistake of every module file at once, one line each. */
export class SchemaFault extends Fault {
  readonly problems: readonly SchemaProblem[]
  constructor(problems: readonly SchemaProblem[]) {
    super('validation_error', problems.map(sentence).join('\n'))
    this.name = 'SchemaFault'
    this.problems = problems
  }
}
