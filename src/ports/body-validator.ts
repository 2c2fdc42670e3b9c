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

/** Compiles JSON schemas of draft 2020-12; nothing outside of the schema is read. */
export interface BodyValidators {
  /** The reason of a refusal is a sentence that names the place in the schema. */
  compile(schema: unknown): BodyValidator | { readonly ok: false; readonly reason: string }
}
