import { localReference, pointerOf, type Steps, valueAt } from '../json-pointer.ts'
import { isSchemaKeyword, schemaHolders } from './keywords.ts'

/** Why a schema is not taken: the place in it, as a JSON pointer, and the reason. */
export interface SchemaObjection {
  readonly pointer: string
  readonly reason: string
}

const mostBytes = 256 * 1024
const deepest = 64
/** How often one value may be looked at by schemas that apply to it at once (`allOf`, `$ref` and the like). */
const mostLooks = 1_000

const notTaken: Readonly<Record<string, string>> = {
  $data: 'refers to the data',
  $dynamicRef: 'is a dynamic reference',
  $id: 'gives the schema an address of its own',
  $recursiveRef: 'is a dynamic reference',
  $vocabulary: 'chooses a vocabulary',
}

const dialect = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/

type Schema = Readonly<Record<string, unknown>>
interface Place {
  readonly schema: Schema
  readonly steps: Steps
}

const isMap = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Sees that a schema can be used without harm and means what it says: its size and depth are bounded, it refers to nothing outside of
 * itself and to no dynamic scope, no value can keep it busy for ever, and every keyword and format is known (`x-` keywords are notes
 * that nobody reads). Undefined when there is no objection.
 */
export function objectionTo(schema: unknown, formats: ReadonlySet<string>): SchemaObjection | undefined {
  if (typeof schema === 'boolean') return undefined
  if (!isMap(schema)) return { pointer: '', reason: 'must be an object, true or false' }
  const depth = depthProblem(schema)
  if (depth !== undefined) return depth
  if (JSON.stringify(schema).length > mostBytes)
    return { pointer: '', reason: `is larger than ${mostBytes / 1024} KiB` }
  const places = [...schemasIn({ schema, steps: [] })]
  for (const place of places) {
    const objection = placeProblem(place, schema, formats)
    if (objection !== undefined) return objection
  }
  return loopProblem(places, schema)
}

function depthProblem(root: Schema): SchemaObjection | undefined {
  const open: { value: object; steps: Steps }[] = [{ value: root, steps: [] }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.steps.length > deepest)
      return { pointer: pointerOf(at.steps), reason: `is nested deeper than ${deepest} levels` }
    for (const [name, value] of Object.entries(at.value))
      if (typeof value === 'object' && value !== null) open.push({ value, steps: [...at.steps, name] })
  }
  return undefined
}

/** The schemas directly below one, with whether they apply to the same value. */
function* below({ schema, steps }: Place): Generator<Place & { readonly isSameValue: boolean }> {
  for (const [keyword, held] of Object.entries(schema)) {
    const holder = schemaHolders.get(keyword)
    if (holder === undefined) continue
    const [form, isSameValue] = holder
    const many = form === 'one' ? [['', held] as const] : Object.entries(isHolder(held) ? held : {})
    for (const [name, value] of many)
      if (isMap(value)) {
        const here = form === 'one' ? [...steps, keyword] : [...steps, keyword, name]
        yield { schema: value, steps: here, isSameValue }
      }
  }
}

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null

function* schemasIn(place: Place): Generator<Place> {
  yield place
  for (const one of below(place)) yield* schemasIn(one)
}

function placeProblem(
  { schema, steps }: Place,
  root: Schema,
  formats: ReadonlySet<string>,
): SchemaObjection | undefined {
  for (const [keyword, value] of Object.entries(schema)) {
    const objection = (reason: string) => ({ pointer: pointerOf([...steps, keyword]), reason })
    if (Object.hasOwn(notTaken, keyword)) return objection(`${notTaken[keyword]}, which is not taken`)
    if (isMap(value) && Object.hasOwn(value, '$data'))
      return objection('refers to the data, which is not taken')
    if (!isSchemaKeyword(keyword) && !keyword.startsWith('x-')) return objection('is not a known keyword')
    if (keyword === 'format' && typeof value === 'string' && !formats.has(value))
      return objection(`names the format "${value}", which is not known`)
    if (keyword === '$schema' && !(typeof value === 'string' && dialect.test(value)))
      return objection('names another dialect than https://json-schema.org/draft/2020-12/schema')
    if (keyword !== '$ref') continue
    const target = typeof value === 'string' ? localReference(value) : undefined
    if (target === undefined) return objection('must be a reference within the schema, such as #/$defs/city')
    const found = valueAt(root, target)
    if (!isMap(found) && typeof found !== 'boolean') return objection(`leads to no schema: ${value}`)
  }
  return undefined
}

/** Finds schemas that apply themselves, or too many others, to one and the same value. */
function loopProblem(places: readonly Place[], root: Schema): SchemaObjection | undefined {
  const looks = new Map<Schema, number>()
  const open = new Set<Schema>()
  const count = (place: Place): number => {
    const known = looks.get(place.schema)
    if (known !== undefined) return known
    if (open.has(place.schema)) return Number.POSITIVE_INFINITY
    open.add(place.schema)
    let sum = 1
    for (const one of below(place)) if (one.isSameValue) sum += count(one)
    const { $ref: reference } = place.schema
    const target = typeof reference === 'string' ? localReference(reference) : undefined
    const found = target === undefined ? undefined : valueAt(root, target)
    if (target !== undefined && isMap(found)) sum += count({ schema: found, steps: target })
    open.delete(place.schema)
    looks.set(place.schema, sum)
    return sum
  }
  for (const place of places) {
    const sum = count(place)
    if (sum === Number.POSITIVE_INFINITY)
      return { pointer: pointerOf(place.steps), reason: 'refers to itself without end' }
    if (sum > mostLooks)
      return {
        pointer: pointerOf(place.steps),
        reason: `applies more than ${mostLooks} schemas to one value`,
      }
  }
  return undefined
}
