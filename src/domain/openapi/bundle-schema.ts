import { localReference, type Steps, valueAt } from '../json-pointer.ts'
import { isSchemaKeyword, schemaHolders } from '../json-schema/keywords.ts'
import type { OpenApiDocument } from './read-document.ts'
import { type DocumentMap, type Findings, isMap, type Place } from './source.ts'

const mostDefinitions = 500
const deepest = 60

interface Bundle {
  readonly document: OpenApiDocument
  readonly findings: Findings
  /** Names of definitions by the reference that leads there. */
  readonly names: Map<string, string>
  readonly definitions: Record<string, unknown>
  readonly open: Place[]
}

/** Formats that a schema of OpenAPI may name and that are checked; others say something to people only. */
const checkedFormats = new Set(
  'binary byte date date-time double duration email float hostname int32 int64 ipv4 ipv6 json-pointer password regex'
    .split(' ')
    .concat('relative-json-pointer time uri uri-reference uri-template uuid'.split(' ')),
)

/**
 * A schema of the document as one that stands for itself, in draft 2020-12: everything that it refers to comes along in `$defs`, the
 * spelling of 3.0 (`nullable`, `exclusiveMinimum: true`) is translated, notes for people are left out, and what only answers carry
 * (`readOnly`) is not required of a request. Undefined after a problem was noted.
 */
export function standaloneSchema(
  document: OpenApiDocument,
  place: Place,
  findings: Findings,
): DocumentMap | boolean | undefined {
  const before = findings.problems.length
  const bundle: Bundle = { document, findings, names: new Map(), definitions: {}, open: [] }
  const schema = translated(bundle, place, 0)
  for (let next = bundle.open.pop(); next !== undefined; next = bundle.open.pop()) {
    const name = bundle.names.get(JSON.stringify(next.steps)) ?? ''
    bundle.definitions[name] = translated(bundle, next, 0)
    if (bundle.names.size > mostDefinitions) {
      findings.problems.push({ steps: place.steps, reason: `refers to more than ${mostDefinitions} schemas` })
      return undefined
    }
  }
  if (findings.problems.length > before) return undefined
  if (typeof schema === 'boolean' || bundle.names.size === 0) return schema
  return { ...schema, $defs: bundle.definitions }
}

function translated(bundle: Bundle, place: Place, level: number): DocumentMap | boolean {
  const { value, steps } = place
  if (typeof value === 'boolean') return value
  if (!isMap(value) || level > deepest) {
    const reason = isMap(value) ? `is nested deeper than ${deepest} levels` : 'must be a schema'
    bundle.findings.problems.push({ steps, reason })
    return true
  }
  const isOld = bundle.document.edition === '3.0'
  const { $ref: reference } = value
  // In 3.0 whatever stands beside a reference is ignored.
  if (reference !== undefined && isOld) return { $ref: definitionOf(bundle, reference, steps) }
  const schema: Record<string, unknown> = {}
  for (const [keyword, held] of Object.entries(value)) {
    if (!isSchemaKeyword(keyword) || keyword === '$schema' || keyword === '$defs') continue
    if (keyword === 'format' && !checkedFormats.has(String(held))) continue
    const holder = schemaHolders.get(keyword)
    const at = [...steps, keyword]
    if (keyword === '$ref') schema['$ref'] = definitionOf(bundle, held, steps)
    else if (holder === undefined) schema[keyword] = held
    else schema[keyword] = translatedHeld(bundle, holder[0], { value: held, steps: at }, level)
  }
  if (isOld) spellAnew(schema, value)
  leaveOutReadOnly(bundle, schema, value)
  return schema
}

function translatedHeld(bundle: Bundle, form: 'one' | 'list' | 'map', place: Place, level: number): unknown {
  const { value, steps } = place
  if (form === 'one') return translated(bundle, place, level + 1)
  if (form === 'list' && Array.isArray(value))
    return value.map((one: unknown, index) =>
      translated(bundle, { value: one, steps: [...steps, index] }, level + 1),
    )
  if (form === 'map' && isMap(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        translated(bundle, { value: one, steps: [...steps, name] }, level + 1),
      ]),
    )
  bundle.findings.problems.push({ steps, reason: form === 'list' ? 'must be a list' : 'must be a map' })
  return form === 'list' ? [] : {}
}

/** What 3.0 writes in its own way. */
function spellAnew(schema: Record<string, unknown>, value: DocumentMap): void {
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof schema[flag] !== 'boolean') continue
    const isExclusive = schema[flag]
    delete schema[flag]
    if (!isExclusive || schema[bound] === undefined) continue
    schema[flag] = schema[bound]
    delete schema[bound]
  }
  if (value['nullable'] !== true || typeof schema['type'] !== 'string') return
  schema['type'] = [schema['type'], 'null']
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(null))
    schema['enum'] = [...schema['enum'], null]
}

function leaveOutReadOnly(bundle: Bundle, schema: Record<string, unknown>, value: DocumentMap): void {
  const { required } = schema
  const properties = isMap(value['properties']) ? value['properties'] : {}
  if (!Array.isArray(required)) return
  const isReadOnly = (name: unknown): boolean => {
    let property = typeof name === 'string' && Object.hasOwn(properties, name) ? properties[name] : undefined
    const reference = isMap(property) ? property['$ref'] : undefined
    const steps = typeof reference === 'string' ? localReference(reference) : undefined
    if (steps !== undefined && isMap(property) && property['readOnly'] === undefined)
      property = valueAt(bundle.document.root, steps)
    return isMap(property) && property['readOnly'] === true
  }
  schema['required'] = required.filter((name) => !isReadOnly(name))
}

function definitionOf(bundle: Bundle, reference: unknown, at: Steps): string {
  const steps = typeof reference === 'string' ? localReference(reference) : undefined
  const value = steps === undefined ? undefined : valueAt(bundle.document.root, steps)
  if (steps === undefined || value === undefined) {
    const reason =
      steps === undefined
        ? 'refers to another document; put everything into this one'
        : `leads to nothing: ${reference}`
    bundle.findings.problems.push({ steps: [...at, '$ref'], reason })
    return '#'
  }
  const key = JSON.stringify(steps)
  const known = bundle.names.get(key)
  if (known !== undefined) return `#/$defs/${known}`
  const name = nameFor(steps, new Set(bundle.names.values()))
  bundle.names.set(key, name)
  bundle.open.push({ value, steps })
  return `#/$defs/${name}`
}

function nameFor(steps: Steps, taken: ReadonlySet<string>): string {
  const plain = String(steps.at(-1) ?? 'root').replace(/[^A-Za-z0-9_.-]/g, '_')
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain}_${number}`
    if (!taken.has(name)) return name
  }
}
