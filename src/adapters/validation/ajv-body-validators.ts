import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js'
import { pointerOf } from '#domain/json-pointer.ts'
import { objectionTo } from '#domain/json-schema/check.ts'
import { compileLinearRegex } from '#domain/linear-regex.ts'
import type { BodyProblem, BodyValidators } from '#ports/body-validator.ts'
import { formats } from './formats.ts'
import { holdsNoTwins } from './unique-items.ts'

const mostProblems = 20
/** Up to this many values in a body, everything that is wrong is looked for; beyond, the first thing. */
const mostValues = 2_000
const deepest = 256

const formatNames: ReadonlySet<string> = new Set(Object.keys(formats))

/** Patterns of schemas are followed in linear time: neither the schema nor a body can make one run away. */
function linearRegExp(source: string): { test(text: string): boolean; toString(): string } {
  const pattern = compileLinearRegex(source)
  if (!pattern.ok) throw new Error(`the pattern "${source}" ${pattern.reason}`)
  return { test: pattern.value.test, toString: () => source }
}
linearRegExp.code = 'linearRegExp'

const options: Options = {
  // What a strict mode would refuse, objectionTo has refused before, with the place.
  strict: false,
  logger: false,
  ownProperties: true,
  inlineRefs: false,
  code: { regExp: linearRegExp },
}

/** Compiles JSON schemas with Ajv. */
export function createAjvBodyValidators(): BodyValidators {
  const grammar = new Ajv2020({ ...options, formats })
  return {
    compile(schema) {
      const objection = objectionTo(schema, formatNames)
      if (objection !== undefined) return no(objection.pointer, objection.reason)
      const rule = typeof schema === 'boolean' ? asObject[`${schema}`] : (schema as object)
      if (!grammar.validateSchema(rule)) {
        const [error] = grammar.errors ?? []
        return no(error?.instancePath ?? '', error?.message ?? 'is not a schema')
      }
      let fits: ValidateFunction
      try {
        fits = compile(rule, false)
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) }
      }
      let explain: ValidateFunction | undefined
      return {
        ok: true,
        validate(value) {
          const size = sizeOf(value)
          if (size.depth > deepest)
            return [{ pointer: '', reason: `is nested deeper than ${deepest} levels` }]
          if (fits(value)) return []
          if (size.values > mostValues) return problemsOf(fits.errors)
          explain ??= compile(rule, true)
          explain(value)
          return problemsOf(explain.errors)
        },
      }
    },
  }
}

const no = (pointer: string, reason: string) => ({ ok: false as const, reason: `#${pointer}: ${reason}` })

const asObject = { true: {}, false: { not: {} } }

/** An instance keeps everything it ever compiled, and ours come and go with their routes: so each has one of its own. */
function compile(schema: object, allErrors: boolean): ValidateFunction {
  const ajv = new Ajv2020({ ...options, allErrors, formats, meta: false, validateSchema: false })
  // The library compares every item with every other one.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not hold the same item twice' },
    validate: (isAsked: boolean, items: readonly unknown[]) => !isAsked || holdsNoTwins(items),
  })
  return ajv.compile(schema)
}

function sizeOf(root: unknown): { readonly values: number; readonly depth: number } {
  let values = 0
  let depth = 0
  const open: { value: unknown; level: number }[] = [{ value: root, level: 0 }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    values += 1
    if (at.level > depth) depth = at.level
    if (depth > deepest) break
    if (typeof at.value === 'object' && at.value !== null)
      for (const value of Object.values(at.value)) open.push({ value, level: at.level + 1 })
  }
  return { values, depth }
}

/** Keywords that only say that something below them was wrong, which stands in the list itself. */
const echoes = new Set(['if', 'propertyNames'])

function problemsOf(found: readonly ErrorObject[] | null | undefined): readonly BodyProblem[] {
  const errors = found ?? []
  const telling = errors.filter(({ keyword }) => !echoes.has(keyword))
  return (telling.length > 0 ? telling : errors).slice(0, mostProblems).map(problemOf)
}

function problemOf({ keyword, params, message, instancePath }: ErrorObject): BodyProblem {
  const given = params as Readonly<Record<string, unknown>>
  const member = (name: unknown): string => `${instancePath}${pointerOf([String(name)])}`
  if (keyword === 'required') return { pointer: member(given['missingProperty']), reason: 'is required' }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = given['additionalProperty'] ?? given['unevaluatedProperty']
    return { pointer: member(name), reason: 'is not allowed' }
  }
  if (keyword === 'enum' && Array.isArray(given['allowedValues']))
    return { pointer: instancePath, reason: `must be one of ${listed(given['allowedValues'])}` }
  return { pointer: instancePath, reason: message ?? 'is not valid' }
}

function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, 20).map((value) => JSON.stringify(value))
  return values.length > shown.length ? `${shown.join(', ')} and more` : shown.join(', ')
}
