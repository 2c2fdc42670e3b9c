import { type Command, Option } from 'commander'
import type { Backend } from '#core/channel/cli/backend.ts'
import type { ActionCommand, ModuleCommand } from '#core/channel/cli/commands.ts'
import type { Flag } from '#core/channel/cli/flags.ts'
import { createLocalBackend } from '#core/channel/cli/local-backend.ts'
import { outputFormatOf, outputFormats } from '#core/channel/cli/output.ts'
import { createRemoteBackend } from '#core/channel/cli/remote-backend.ts'
import { type ActionRequest, runAction } from '#core/channel/cli/run-action.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

interface RecordFlags extends InstanceFlags, RemoteFlags {
  readonly output: string
  readonly columns?: string
  readonly limit?: string
  readonly cursor?: string
  readonly sort?: string
  readonly filter?: readonly string[]
  readonly clear?: readonly string[]
  readonly all?: boolean
  readonly count?: boolean
  readonly yes?: boolean
}

/** Adds a command for each module, with a command for each of its actions below it. */
export function addRecordCommands(
  program: Command,
  modules: readonly ModuleCommand[],
  context: CommandContext,
): void {
  for (const module of modules) {
    const parent = program
      .command(module.name)
      .helpGroup(module.module.meta.implements.length > 0 ? 'Configurations of providers:' : 'Records:')
      .description(module.description)
    parent.aliases(module.aliases).helpCommand(false)
    for (const action of module.actions) addActionCommand(parent, module, action, context)
  }
}

function addActionCommand(
  parent: Command,
  module: ModuleCommand,
  action: ActionCommand,
  context: CommandContext,
): void {
  const command = parent.command(action.name).description(action.description)
  if (action.takesId) command.argument('<id>', idHelp(module))
  if (action.flags.length > 0) command.optionsGroup('Fields:')
  for (const flag of action.flags) addFieldFlag(command, flag)
  command.optionsGroup('Options:')
  if (action.action.kind === 'list') addListFlags(command)
  if (action.action.kind === 'update') {
    command.option('--clear <field>', 'empty a field; can be given several times', collect)
  }
  if (action.action.kind !== 'delete') command.option('--columns <a,b>', 'the fields to show, in this order')
  if (action.action.confirm || action.action.kind === 'delete') command.option('--yes', 'do not ask')
  command.option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command))
  command.action(async (...words: unknown[]) => {
    const id = action.takesId ? (words[0] as string) : undefined
    const flags = command.opts<RecordFlags>()
    await runOn(flags, context, (open) =>
      runAction(module, action, requestOf(action, command.opts(), flags, id), open, context.terminal),
    )
  })
}

/** Runs with the backend that the flags name and closes it afterwards. */
async function runOn(
  flags: RecordFlags,
  context: CommandContext,
  run: (open: () => Promise<Backend>) => Promise<number>,
): Promise<void> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) return context.finish(await run(async () => createRemoteBackend(server)))
  let close = async (): Promise<void> => undefined
  try {
    const exitCode = await run(async () => {
      const house = await openInstance(context, flags)
      close = () => house.close()
      return createLocalBackend(house.engine)
    })
    context.finish(exitCode)
  } finally {
    await close()
  }
}

function requestOf(
  action: ActionCommand,
  given: Readonly<Record<string, unknown>>,
  flags: RecordFlags,
  id: string | undefined,
): ActionRequest {
  return {
    ...(id === undefined ? {} : { id }),
    ...(flags.columns === undefined ? {} : { columns: flags.columns }),
    flags: fieldValues(action.flags, given),
    cleared: flags.clear ?? [],
    list: {
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
      ...(flags.sort === undefined ? {} : { sort: flags.sort }),
      filters: flags.filter ?? [],
      isCounted: flags.count === true,
      isAll: flags.all === true,
    },
    output: outputFormatOf(flags.output),
    isConfirmed: flags.yes === true,
  }
}

function addListFlags(command: Command): void {
  command
    .option('--limit <number>', 'records a page, at most 100 (default: 20)')
    .option('--cursor <cursor>', 'where the page before ended')
    .option('--all', 'every page')
    .option('--count', 'say how many there are')
    .option('--sort <field>', 'the field to sort by; with - before it downwards')
    .option(
      '--filter <condition>',
      'field=value or field[gt|gte|lt|lte|ne|in|like]=value; several are joined by "and"',
      collect,
    )
}

function addFieldFlag(command: Command, flag: Flag): void {
  const value = flag.isSwitch ? '' : ' <value>'
  command.addOption(new Option(`--${flag.name}${value}`, flag.help))
  if (flag.isSwitch) command.addOption(new Option(`--no-${flag.name}`, `sets ${flag.field.name} to false`))
  if (flag.alias === undefined) return
  command.addOption(new Option(`--${flag.alias}${value}`).hideHelp())
  if (flag.isSwitch) command.addOption(new Option(`--no-${flag.alias}`).hideHelp())
}

function fieldValues(
  flags: readonly Flag[],
  given: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string | boolean> {
  const values = new Map<string, string | boolean>()
  for (const { field, name, alias } of flags) {
    for (const spelling of [name, alias]) {
      const value = spelling === undefined ? undefined : given[new Option(`--${spelling}`).attributeName()]
      if (typeof value === 'string' || typeof value === 'boolean') values.set(field.name, value)
    }
  }
  return values
}

function idHelp(module: ModuleCommand): string {
  const lookups = [...module.module.fields.values()].filter((field) => field.isLookup && !field.isInternal)
  const names = lookups.map((field) => field.name).join(' or ')
  return names === '' ? 'the id of the record' : `the id of the record, or its ${names}`
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
