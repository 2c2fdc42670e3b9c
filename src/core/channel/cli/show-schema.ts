import type { Field } from '../../schema/module.ts'
import { hint } from '../../schema/suggest.ts'
import { describeModule, summarizeModule } from '../http/describe-module.ts'
import type { ModuleCommand } from './commands.ts'
import { type OutputFormat, writeBody, writeRows } from './output.ts'
import { renderTable } from './table.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** Writes all modules that have a command: name, command, path, meaning. */
export function writeModules(
  terminal: Terminal,
  output: OutputFormat,
  commands: readonly ModuleCommand[],
): void {
  if (output !== 'table') {
    const modules = commands.map(({ module }) => summarizeModule(module))
    writeBody(terminal, output, modules)
    return
  }
  const rows = commands.map(({ name, module }) => ({
    module: module.name,
    command: name,
    path: module.channels.http.enabled ? module.channels.http.basePath : null,
    fields: shownFields(module.fields.values()).length,
    description: module.meta.description,
  }))
  writeRows(terminal, output, ['module', 'command', 'path', 'fields', 'description'], rows)
}

/** Writes one module, by any of its names: its fields and its actions. Throws a UsageError for an unknown name. */
export function writeModule(
  terminal: Terminal,
  output: OutputFormat,
  commands: readonly ModuleCommand[],
  name: string,
): void {
  const command = commands.find(
    (each) => each.name === name || each.module.name === name || each.aliases.includes(name),
  )
  if (command === undefined) {
    const known = commands.flatMap((each) => [each.module.name, each.name])
    throw new UsageError(`there is no module "${name}"${hint(name, known)}`)
  }
  const { module } = command
  if (output !== 'table') {
    writeBody(terminal, output, describeModule(module))
    return
  }
  terminal.write(`${module.meta.displayName}: ${module.meta.description}\n\n`)
  const fields = shownFields(module.fields.values()).map(cellsOf)
  writeRows(terminal, output, ['field', 'type', 'rules', 'default', 'description'], fields)
  const columns = [{ title: 'action', isWhole: true }, { title: 'description' }]
  const rows = command.actions.map(({ name: action, description }) => [action, description])
  terminal.write(`\n${renderTable(columns, rows, terminal)}\n`)
}

const shownFields = (fields: Iterable<Field>): readonly Field[] =>
  [...fields].filter((field) => !field.isInternal)

function cellsOf(field: Field): Readonly<Record<string, unknown>> {
  const kind = field.to === undefined ? field.type.name : `${field.type.name} to ${field.to}`
  const rules: readonly (readonly [holds: boolean, word: string])[] = [
    [field.isImplicit || field.isInternalWrite, 'read only'],
    [field.isRequired, 'required'],
    [field.isUnique, 'unique'],
    [field.isLookup, 'lookup'],
    [field.isImmutable, 'immutable'],
    [field.isWriteOnly || field.type.name === 'secret', 'write only'],
  ]
  return {
    field: field.name,
    type: field.values.length === 0 ? kind : `${kind}: ${field.values.join(' | ')}`,
    rules:
      rules
        .filter(([holds]) => holds)
        .map(([, word]) => word)
        .join(', ') || null,
    default: field.default === '' ? '""' : field.default,
    description: field.description,
  }
}
