import { accept, type Outcome } from '#contract/outcome.ts'
import type { Row } from '#ports/records.ts'
import type { Call } from '../engine.ts'
import type { Field } from '../schema/module.ts'
import type { Existing } from './existing.ts'
import { defaultOf, inputsOf, isSecret, type Kind } from './kind.ts'
import { type DeclaredFile, type Entry, type FileProblem, nameParts, refuseFile } from './read-file.ts'

/** One field that is not as the file says; secrets are told apart without being told. */
export interface FieldChange {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/** One record that is not as the file says. */
export interface Change {
  readonly change: 'create' | 'update' | 'delete'
  readonly kind: string
  readonly name: string
  readonly fields: readonly FieldChange[]
}

/** A change with the write that makes it. */
export interface PlannedChange extends Change {
  readonly call: Omit<Call, 'actor' | 'requestId'>
  readonly line: number | undefined
}

const secretWord = '(secret)'

/** Compares a file with what is there: what has to be written, in an order in which it can be. Reports what cannot be at all. */
export async function compareFile(
  file: DeclaredFile,
  existing: Existing,
  isPruning: boolean,
): Promise<Outcome<readonly PlannedChange[]>> {
  const problems: FileProblem[] = []
  const changes: PlannedChange[] = []
  const removals: PlannedChange[] = []
  for (const kind of file.kinds.filter(({ section }) => file.sections.has(section))) {
    const rows = await existing.entries(kind)
    const entries = file.entries.filter((entry) => entry.kind === kind)
    for (const entry of entries) {
      const row = rows.get(entry.name)
      const change =
        row === undefined
          ? await creation(file, entry, existing, problems)
          : await alteration(file, entry, row, existing, problems)
      if (change !== undefined) changes.push(change)
    }
    const wanted = new Set(entries.map(({ name }) => name))
    if (isPruning) removals.unshift(...removalsOf(kind, rows, wanted))
  }
  return problems.length > 0 ? refuseFile(problems) : accept([...changes, ...removals])
}

function removalsOf(
  kind: Kind,
  rows: ReadonlyMap<string, Row>,
  wanted: ReadonlySet<string>,
): readonly PlannedChange[] {
  const { removal, keptBy } = kind
  if (removal === undefined) return []
  return [...rows]
    .filter(([name, row]) => !wanted.has(name) && !(keptBy !== undefined && row[keptBy] === true))
    .map(([name, row]) => ({
      change: 'delete' as const,
      kind: kind.label,
      name,
      fields: [],
      line: undefined,
      call: { module: kind.module, action: removal, id: row.id },
    }))
}

const fileNameOf = (kind: Kind, field: Field): string =>
  [...kind.fields].find(([, one]) => one === field)?.[0] ?? field.name

async function creation(
  file: DeclaredFile,
  entry: Entry,
  existing: Existing,
  problems: FileProblem[],
): Promise<PlannedChange | undefined> {
  const { kind, name, inputs } = entry
  const input: Record<string, unknown> = {}
  for (const [index, part] of (nameParts(kind, name) ?? []).entries()) {
    const field = kind.definition.fields.get(kind.identity[index] ?? '')
    if (field !== undefined) input[field.name] = part
    if (field?.to !== undefined) await checkReference(file, entry, field, part, existing, problems)
  }
  if (kind.secretInput !== undefined && !inputsOf(kind).secret.some((secret) => inputs.has(secret))) {
    const reason = `is not there yet: give its ${kind.secretInput} as \${NAME}, with a value in the environment`
    problems.push({ field: `${kind.section}.${name}`, reason, line: entry.lineOf() })
  }
  const fields: FieldChange[] = []
  for (const [fieldName, value] of entry.values) {
    const field = kind.definition.fields.get(fieldName)
    if (field === undefined || value === null) continue
    input[fieldName] = value
    if (field.to !== undefined) await checkReference(file, entry, field, String(value), existing, problems)
    const isUsual = isSame(value, defaultOf(field))
    if (!isUsual)
      fields.push({ field: fileNameOf(kind, field), from: null, to: isSecret(field) ? secretWord : value })
  }
  for (const [member, value] of inputs) input[member] = value
  return {
    change: 'create',
    kind: kind.label,
    name,
    fields,
    line: entry.lineOf(),
    call: { module: kind.module, action: 'create', input },
  }
}

async function alteration(
  file: DeclaredFile,
  entry: Entry,
  row: Row,
  existing: Existing,
  problems: FileProblem[],
): Promise<PlannedChange | undefined> {
  const { kind, name } = entry
  const input: Record<string, unknown> = {}
  const fields: FieldChange[] = []
  for (const [fileName, field] of kind.fields) {
    const isGiven = entry.values.has(field.name)
    // A secret cannot be read back, and what is immutable cannot be put back: not naming those leaves them as they are.
    if (!isGiven && (isSecret(field) || field.isImmutable)) continue
    const wanted = isGiven ? (entry.values.get(field.name) ?? defaultOf(field)) : defaultOf(field)
    const current = row[field.name] ?? null
    const target = field.to !== undefined && wanted !== null ? String(wanted) : undefined
    if (target !== undefined) await checkReference(file, entry, field, target, existing, problems)
    const compared = target === undefined ? wanted : await existing.idOf(field.to ?? '', target)
    if (isSame(compared, current)) continue
    if (field.isImmutable) {
      const reason = 'cannot be changed: take the entry out, apply with --prune, and put it back'
      problems.push({ field: `${kind.section}.${name}.${fileName}`, reason, line: entry.lineOf(fileName) })
      continue
    }
    input[field.name] = wanted
    fields.push({
      field: fileName,
      from: isSecret(field) ? secretWord : await shownValue(field, current, existing),
      to: isSecret(field) && wanted !== null ? secretWord : wanted,
    })
  }
  if (fields.length === 0) return undefined
  const call = { module: kind.module, action: 'update', id: row.id, input }
  return { change: 'update', kind: kind.label, name, fields, line: entry.lineOf(), call }
}

const shownValue = async (field: Field, value: unknown, existing: Existing): Promise<unknown> =>
  field.to === undefined || typeof value !== 'string' ? value : existing.nameOf(field.to, value)

/** A ref leads to what is there or to what the file makes. */
async function checkReference(
  file: DeclaredFile,
  entry: Entry,
  field: Field,
  name: string,
  existing: Existing,
  problems: FileProblem[],
): Promise<void> {
  const isMade = file.entries.some((other) => other.kind.module === field.to && other.name === name)
  if (isMade || (await existing.idOf(field.to ?? '', name)) !== undefined) return
  const member = fileNameOf(entry.kind, field)
  problems.push({
    field: `${entry.kind.section}.${entry.name}.${member}`,
    reason: `names "${name}", which is neither there nor in the file`,
    line: entry.lineOf(member),
  })
}

/** The same value, whatever the order of names inside it. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || canonical(one) === canonical(other)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)))
      : item,
  )
}
