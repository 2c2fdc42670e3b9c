/** One thing wrong with a value: where it is, as a JSON pointer (empty for the value itself), and why, to be read after it. */
export interface BodyProblem {
  readonly pointer: string
  readonly reason: string
}

/** A JSON schema, compiled. */
export interface BodyValidator {
  readonly ok: true
  /** What is wrong with a parsed JSON value, the first 20 things of it; empty when the value fits. Never throws. */
  validate(value: unknown): readonly BodyProblem[]
}

/** A schema compiled, or why it is not taken; the reason is a sentence that names the place in the schema. */
export type CompiledSchema = BodyValidator | { readonly ok: false; readonly reason: string }

/** Compiles JSON schemas of draft 2020-12; nothing outside of the schema is read. */
export interface BodyValidators {
  compile(schema: unknown): CompiledSchema
}

/** What the bodies of one method must be. */
export interface BodyRule {
  /** A request without a body is refused. */
  readonly isRequired: boolean
  /** Compiled when it is first asked for. */
  validator(): CompiledSchema
}

/** What the bodies of a route must be, by method; the others are not looked at. */
export type BodyRules = ReadonlyMap<string, BodyRule>
