import type { BodyValidators, CompiledSchema } from '#ports/body-validator.ts'

const mostRemembered = 1_000

/** Validators that compile a schema once, however often it is read from the database; the least recently asked for are forgotten. */
export function rememberingValidators(validators: BodyValidators): BodyValidators {
  const remembered = new Map<string, CompiledSchema>()
  return {
    compile(schema) {
      const text = JSON.stringify(schema)
      const compiled = remembered.get(text) ?? validators.compile(schema)
      remembered.delete(text)
      remembered.set(text, compiled)
      if (remembered.size > mostRemembered) {
        const [oldest = text] = remembered.keys()
        remembered.delete(oldest)
      }
      return compiled
    },
  }
}
