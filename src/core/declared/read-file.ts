import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { readDocument } from '../document/read-document.ts'
import type { Field } from '../schema/module.ts'
import { hint } from '../schema/suggest.ts'
import { inputsOf, isSecret, type Kind } from './kind.ts'
import { isReference, substituted } from './substitute.ts'

/** One entry of a file: its fields by their names in the module, values put in the place of references. */
export interface Entry {
  readonly kind: Kind
  readonly name: string
  readonly values: ReadonlyMap<string, unknown>
  /** The inputs beside the fields that are named and have a value: for what has to be made. */
  readonly inputs: ReadonlyMap<string, string>
  /** Where a field stands, or the entry itself. */
  lineOf(field?: string): number | undefined
}

/** A file that was read, entry by entry. */
export interface DeclaredFile {
  readonly kinds: readonly Kind[]
  /** The kinds that the file has a section for. */
  readonly sections: ReadonlySet<string>
  readonly entries: readonly Entry[]
}

/** One thing that is wrong with a file, and where. */
export interface FileProblem {
  readonly field: string
  readonly reason: string
  readonly line?: number | undefined
}

type Place = readonly (string | number)[]
type Report = (place: Place, reason: string) => void
type Values = Readonly<Record<string, string>>

const mostProblems = 20
const secretAdvice = `is a secret: write \${NAME} and give the value in the environment`

/** The refusal of a file; every problem says where it is. */
export function refuseFile(problems: readonly FileProblem[]) {
  const told = problems.slice(0, mostProblems)
  const [first] = told
  const where = first?.line === undefined ? '' : ` (line ${first.line})`
  const more = problems.length > 1 ? ` (${problems.length - 1} more problems)` : ''
  return refuse('validation_error', `${first?.field}${where} ${first?.reason}${more}`, {
    ...first,
    ...(told.length > 1 ? { errors: told } : {}),
  })
}

/** Reads a file against the kinds, and everything that is wrong in it at once. `values` has what references stand for. */
export async function readDeclaredFile(
  text: string,
  kinds: readonly Kind[],
  values: Values,
): Promise<Outcome<DeclaredFile>> {
  const source = await readDocument(text)
  if (!source.ok) return source
  const { data, lineOf } = source.value
  const problems: FileProblem[] = []
  const report: Report = (place, reason) => {
    const line = lineOf(place)
    problems.push({ field: place.join('.') || 'document', reason, ...(line === undefined ? {} : { line }) })
  }
  const entries: Entry[] = []
  const sections = new Set<string>()
  if (!isMap(data)) report([], 'must be a map of sections')
  else {
    checkVersion(data, report)
    const known = ['version', ...kinds.map(({ section }) => section)]
    for (const name of Object.keys(data))
      if (!known.includes(name)) report([name], `is not a section${hint(name, known)}`)
    for (const kind of kinds) {
      if (!Object.hasOwn(data, kind.section)) continue
      sections.add(kind.section)
      entries.push(...readSection(kind, data[kind.section], values, report, lineOf))
    }
  }
  return problems.length > 0 ? refuseFile(problems) : accept({ kinds, sections, entries })
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkVersion(data: Record<string, unknown>, report: Report): void {
  if (data['version'] === undefined) report([], 'needs "version: 1"')
  else if (data['version'] !== 1) report(['version'], 'must be 1')
}

function readSection(
  kind: Kind,
  data: unknown,
  values: Values,
  report: Report,
  lineOf: (place: Place) => number | undefined,
): readonly Entry[] {
  if (data === null) return []
  if (!isMap(data)) {
    report([kind.section], `must be a map of names and what each ${kind.label} is`)
    return []
  }
  return Object.entries(data).flatMap(([name, content]) => {
    const place = [kind.section, name]
    const entry = readEntry(kind, name, content, values, (steps, reason) =>
      report([...place, ...steps], reason),
    )
    if (entry === undefined) return []
    return [
      { kind, name, ...entry, lineOf: (field) => lineOf(field === undefined ? place : [...place, field]) },
    ]
  })
}

function readEntry(
  kind: Kind,
  name: string,
  content: unknown,
  values: Values,
  report: Report,
): Pick<Entry, 'values' | 'inputs'> | undefined {
  checkName(kind, name, report)
  const { shorthand } = kind
  const isBare = shorthand !== undefined && content !== null && typeof content !== 'object'
  const data = isBare ? { [shorthand]: String(content) } : (content ?? {})
  if (!isMap(data)) {
    report([], `must be a map of fields`)
    return undefined
  }
  const found = new Map<string, unknown>()
  const inputs = new Map<string, string>()
  const known = inputsOf(kind)
  for (const [member, value] of Object.entries(data)) {
    const place = isBare ? [] : [member]
    const field = kind.fields.get(member)
    if (known.secret.includes(member)) {
      const text = secretText(value, values, (reason) => report(place, reason))
      if (text !== undefined) inputs.set(member, text)
    } else if (known.plain.includes(member)) inputs.set(member, String(value))
    else if (field === undefined)
      report(place, `is not a field of a ${kind.label}${hint(member, knownOf(kind))}`)
    else
      found.set(
        field.name,
        readValue(field, value, values, (reason) => report(place, reason)),
      )
  }
  for (const [member, field] of kind.fields)
    if (
      field.isRequired &&
      field.default === undefined &&
      (!found.has(field.name) || found.get(field.name) === null)
    )
      report([member], 'is required')
  return { values: found, inputs }
}

const knownOf = (kind: Kind): readonly string[] => [
  ...kind.fields.keys(),
  ...inputsOf(kind).secret,
  ...inputsOf(kind).plain,
]

/** A name is made of the identity: what stands after the last `/` belongs to the last field. */
function checkName(kind: Kind, name: string, report: Report): void {
  const parts = nameParts(kind, name)
  if (parts === undefined) {
    report([], `must be named ${kind.identity.map((part) => part.replace(/_id$/, '')).join('/')}`)
    return
  }
  for (const [index, part] of parts.entries()) {
    const field = kind.definition.fields.get(kind.identity[index] ?? '')
    const issue = field?.type.schema(field).safeParse(part).error?.issues[0]
    if (issue !== undefined) report([], `is no ${field?.name}: ${issue.message}`)
  }
}

/** The values of the identity that a name stands for; undefined when there are too few. */
export function nameParts(kind: Kind, name: string): readonly string[] | undefined {
  const parts: string[] = []
  let rest = name
  for (let index = 1; index < kind.identity.length; index++) {
    const slash = rest.indexOf('/')
    if (slash <= 0) return undefined
    parts.push(rest.slice(0, slash))
    rest = rest.slice(slash + 1)
  }
  return rest === '' ? undefined : [...parts, rest]
}

function secretText(value: unknown, values: Values, report: (reason: string) => void): string | undefined {
  if (!isReference(value)) {
    report(secretAdvice)
    return undefined
  }
  const { text, missing } = substituted(String(value), values)
  // Whether it is needed shows when it is known what has to be made.
  return missing.length > 0 ? undefined : text
}

function readValue(field: Field, value: unknown, values: Values, report: (reason: string) => void): unknown {
  if (value === null) return null
  if (isSecret(field) && !isReference(value)) {
    report(secretAdvice)
    return undefined
  }
  const filled = filledIn(value, values, report)
  const parsed = field.type.schema(field).safeParse(filled)
  if (!parsed.success) report(parsed.error.issues[0]?.message ?? 'is not valid')
  return parsed.success ? parsed.data : undefined
}

/** The value with its references replaced, also deep inside. */
function filledIn(value: unknown, values: Values, report: (reason: string) => void): unknown {
  if (typeof value === 'string') {
    const { text, missing } = substituted(value, values)
    for (const name of missing) report(`needs \${${name}}, which has no value in the environment`)
    return text
  }
  if (Array.isArray(value)) return value.map((item) => filledIn(item, values, report))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, filledIn(item, values, report)]),
  )
}
