import { expect, it } from 'vitest'
import { rememberingValidators } from './remembering-validators.ts'

it('a schema is compiled once while it is in use, and those that are not are forgotten', () => {
  const compiled: unknown[] = []
  const validators = rememberingValidators({
    compile(schema) {
      compiled.push(schema)
      return { ok: true, validate: () => [] }
    },
  })
  const used = { type: 'object' }
  const first = validators.compile(used)
  for (let number = 0; number < 1_500; number++) {
    validators.compile({ const: number })
    expect(validators.compile({ ...used })).toBe(first)
  }
  expect(compiled).toHaveLength(1_501)
  validators.compile({ const: 0 })
  expect(compiled).toHaveLength(1_502)
})
