import type { Command } from 'commander'
import { loadModuleCommands } from '#core/channel/cli/commands.ts'
import { outputFormatOf, outputFormats } from '#core/channel/cli/output.ts'
import { writeModule, writeModules } from '#core/channel/cli/show-schema.ts'
import { addInstanceFlags, type CommandContext, configOf, type InstanceFlags } from './context.ts'

interface SchemaFlags extends InstanceFlags {
  readonly output: string
}

/** Adds `schema`. */
export function addSchemaCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('schema')
    .description('Show the modules, or the fields and actions of one')
    .argument('[module]', 'a module, by its name or its command')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addInstanceFlags(command).action(async (name: string | undefined) => {
    const flags = command.opts<SchemaFlags>()
    const output = outputFormatOf(flags.output)
    const taken = program.commands.map((each) => each.name())
    const modules = await loadModuleCommands(configOf(context, flags).moduleDirectories, taken)
    if (name === undefined) writeModules(context.terminal, output, modules)
    else writeModule(context.terminal, output, modules, name)
  })
}
