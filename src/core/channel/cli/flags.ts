import type { Action, Field, Module } from '../../schema/module.ts'
import { UsageError } from './usage-error.ts'

/** One field as a flag of a command. */
export interface Flag {
  readonly field: Field
  /** Without the dashes, for example `path-pattern`. */
  readonly name: string
  /** The same in snake_case where that differs. */
  readonly alias: string | undefined
  /** True where the field's own name means something else on the command line. */
  readonly isRenamed: boolean
  /** A switch takes no value: `--enabled`, `--no-enabled`. */
  readonly isSwitch: boolean
  /** What help says: meaning, type, whether it must be there, default, values. */
  readonly help: string
}

/** Names that every record command has for itself; a field of that name is reached as `--field-NAME`. */
const ownFlags: ReadonlySet<string> = new Set(
  [
    'all',
    'clear',
    'columns',
    'count',
    'cursor',
    'data',
    'db',
    'filter',
    'help',
    'limit',
    'modules',
    'output',
  ].concat(['server', 'sort', 'token', 'version', 'yes']),
)

/** The fields that a person sets when calling an action, as flags. */
export function flagsOf(module: Module, action: Action): readonly Flag[] {
  const fields = new Map<string, Field>()
  if (action.kind === 'create' || action.kind === 'update') {
    for (const field of module.fields.values()) {
      if (isSettable(field) && !(action.kind === 'update' && field.isImmutable)) fields.set(field.name, field)
    }
  }
  for (const field of action.input) fields.set(field.name, field)
  return [...fields.values()].map((field) => flagOf(field, action.kind === 'update'))
}

const isSettable = (field: Field): boolean => !field.isImplicit && !field.isInternal && !field.isInternalWrite

function flagOf(field: Field, isUpdate: boolean): Flag {
  const plain = field.name.replaceAll('_', '-')
  const isTaken = ownFlags.has(plain) || plain.startsWith('no-')
  const alias = field.name.includes('_') ? field.name : undefined
  return {
    field,
    name: isTaken ? `field-${plain}` : plain,
    alias: alias === undefined ? undefined : isTaken ? `field_${alias}` : alias,
    isRenamed: isTaken,
    isSwitch: field.type.name === 'bool',
    help: helpOf(field, isUpdate),
  }
}

function helpOf(field: Field, isUpdate: boolean): string {
  const facts = [
    field.to === undefined ? field.type.name : `${field.type.name} to ${field.to}`,
    ...(field.isRequired && !isUpdate ? ['required'] : []),
    ...(field.default === undefined || field.default === '' || isUpdate
      ? []
      : [`default ${JSON.stringify(field.default)}`]),
    ...(field.values.length === 0 ? [] : [`one of ${field.values.join(', ')}`]),
    ...(isConfidential(field) ? ['- reads it from standard input'] : []),
  ]
  return `${field.description} (${facts.join('; ')})`.trim()
}

/** True for values that should not stand in a shell's history. */
const isConfidential = (field: Field): boolean => field.type.name === 'secret' || field.isWriteOnly

/**
 * The input of an action from its flags (by field name) and the fields to empty. `readInput` is asked at most once, for
 * a confidential field given as `-`.
 */
export async function inputFrom(
  flags: readonly Flag[],
  given: ReadonlyMap<string, string | boolean>,
  cleared: readonly string[],
  readInput: () => Promise<string>,
): Promise<Record<string, unknown>> {
  const input: Record<string, unknown> = {}
  let fromInput: string | undefined
  for (const flag of flags) {
    const value = given.get(flag.field.name)
    if (value === undefined) continue
    if (value !== '-' || !isConfidential(flag.field)) {
      input[flag.field.name] = jsonValueOf(flag, value)
      continue
    }
    if (fromInput !== undefined)
      throw new UsageError(`--${flag.name}: only one field can be read from standard input`)
    fromInput = await readInput()
    input[flag.field.name] = fromInput
  }
  for (const name of cleared) input[clearedField(flags, input, name)] = null
  return input
}

function jsonValueOf(flag: Flag, value: string | boolean): unknown {
  if (typeof value === 'boolean') return value
  if (flag.field.type.name !== 'json') return flag.field.type.fromText(value)
  try {
    return JSON.parse(value)
  } catch (cause) {
    throw new UsageError(`--${flag.name} is JSON, for example '["a","b"]' or '{"a":1}', not "${value}"`, {
      cause,
    })
  }
}

function clearedField(
  flags: readonly Flag[],
  input: Readonly<Record<string, unknown>>,
  name: string,
): string {
  const wanted = name.replaceAll('-', '_')
  const flag = flags.find((candidate) => candidate.field.name === wanted)
  if (flag === undefined) throw new UsageError(`--clear: there is no field "${name}" to empty`)
  if (wanted in input) throw new UsageError(`--clear ${name} and --${flag.name} contradict each other`)
  return wanted
}
