import { stringify } from 'yaml'
import type { Row } from '#ports/records.ts'
import type { Field } from '../schema/module.ts'
import type { Existing } from './existing.ts'
import { defaultOf, isSecret, type Kind } from './kind.ts'
import { escaped } from './substitute.ts'

/** What a dump takes in beside the gateway itself. */
export interface DumpChoice {
  /** API keys too, each as a reference to its value. */
  readonly withKeys: boolean
}

/** The instance as a file: sorted by name, without what is usual, references by name, secrets as `${NAME}`. */
export async function dumpFile(
  kinds: readonly Kind[],
  existing: Existing,
  choice: DumpChoice,
): Promise<string> {
  const references = createReferenceNames()
  const sections: Record<string, Record<string, unknown>> = {}
  const referred = new Map<string, Set<string>>()
  const note = (module: string, name: string): void => {
    referred.set(module, (referred.get(module) ?? new Set()).add(name))
  }
  // From the end, because what goes first is referred to by what follows.
  for (const kind of kinds.toReversed()) {
    if (kind.dumped === 'asked' && !choice.withKeys) continue
    const rows = await existing.entries(kind)
    const section: Record<string, unknown> = {}
    for (const [name, row] of rows) {
      const isLeftOut = kind.dumped === 'referred' && !referred.get(kind.module)?.has(name)
      const isGiven = kind.dumped === 'referred' && kind.keptBy !== undefined && row[kind.keptBy] === true
      if (isLeftOut || isGiven) continue
      section[name] = await entryOf(kind, name, row, existing, references, note)
    }
    // An empty section says that there is none, which --prune takes at its word.
    if (kind.dumped === 'all' || Object.keys(section).length > 0) sections[kind.section] = section
  }
  const ordered = kinds.flatMap(({ section }) =>
    sections[section] === undefined ? [] : [[section, sections[section]] as const],
  )
  return stringify(
    { version: 1, ...Object.fromEntries(ordered) },
    { aliasDuplicateObjects: false, lineWidth: 0 },
  )
}

async function entryOf(
  kind: Kind,
  name: string,
  row: Row,
  existing: Existing,
  references: (words: readonly string[]) => string,
  note: (module: string, name: string) => void,
): Promise<unknown> {
  const entry: Record<string, unknown> = {}
  for (const part of kind.identity) {
    const { to } = kind.definition.fields.get(part) ?? {}
    if (to !== undefined) note(to, await existing.nameOf(to, String(row[part])))
  }
  if (kind.secretInput !== undefined) entry[kind.secretInput] = references([kind.label, name])
  for (const [fileName, field] of kind.fields) {
    const value = row[field.name] ?? null
    if (
      value === null ? defaultOf(field) === null : JSON.stringify(value) === JSON.stringify(defaultOf(field))
    )
      continue
    if (isSecret(field)) entry[fileName] = references([kind.label, name, fileName.replace(/_encrypted$/, '')])
    else entry[fileName] = await plainValue(field, value, existing, note)
  }
  const members = Object.keys(entry)
  const isBare = kind.shorthand !== undefined && members.length === 1 && members[0] === kind.shorthand
  return isBare ? entry[kind.shorthand ?? ''] : entry
}

async function plainValue(
  field: Field,
  value: unknown,
  existing: Existing,
  note: (module: string, name: string) => void,
): Promise<unknown> {
  if (field.to === undefined || typeof value !== 'string') return escapedDeep(value)
  const name = await existing.nameOf(field.to, value)
  note(field.to, name)
  return escaped(name)
}

function escapedDeep(value: unknown): unknown {
  if (typeof value === 'string') return escaped(value)
  if (Array.isArray(value)) return value.map(escapedDeep)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, escapedDeep(item)]))
}

/** Makes names of environment variables, each once. */
function createReferenceNames(): (words: readonly string[]) => string {
  const used = new Set<string>()
  return (words) => {
    const base = words
      .join('_')
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
    let name = base
    for (let count = 2; used.has(name); count++) name = `${base}_${count}`
    used.add(name)
    return `\${${name}}`
  }
}
