import type { Command, Option } from 'commander'
import type { ModuleCommand } from '#core/channel/cli/commands.ts'
import { bashCompletion } from '#core/channel/cli/completion/bash.ts'
import { fishCompletion } from '#core/channel/cli/completion/fish.ts'
import type { CompletedCommand, CompletedFlag } from '#core/channel/cli/completion/tree.ts'
import { zshCompletion } from '#core/channel/cli/completion/zsh.ts'
import { outputFormats } from '#core/channel/cli/output.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import type { CommandContext } from './context.ts'

const shells: Readonly<Record<string, (program: CompletedCommand) => string>> = {
  bash: bashCompletion,
  fish: fishCompletion,
  zsh: zshCompletion,
}

/** Adds `completion`: what it writes knows every command that is there when it runs, those of custom modules too. */
export function addCompletionCommand(program: Command, context: CommandContext): void {
  const words = Object.keys(shells)
  program
    .command('completion')
    .description('Write what a shell needs to complete commands, flags and values')
    .argument('<shell>', words.join(', '))
    .option('--modules <folder>', 'folder with modules of your own (env APIGATE_MODULES)')
    .action((shell: string) => {
      const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined
      if (write === undefined)
        throw new UsageError(`there is completion for ${words.join(', ')}, not for "${shell}"`)
      context.terminal.write(write(completed(program, context.modules ?? [])))
    })
}

/** A command of commander's and everything below it; what values a flag takes is known from the modules. */
function completed(command: Command, modules: readonly ModuleCommand[]): CompletedCommand {
  const module = modules.find(({ name }) => name === command.parent?.name())
  const action = module?.actions.find(({ name }) => name === command.name())
  const valuesOf = (option: Option): readonly string[] => {
    const flag = action?.flags.find(({ name, alias }) => [name, alias].includes(option.long?.slice(2) ?? ''))
    if (option.argChoices !== undefined) return option.argChoices
    return option.long === '--output' ? outputFormats : (flag?.field.values ?? [])
  }
  const helper = command.createHelp()
  const flags = helper.visibleOptions(command).map((option): CompletedFlag => {
    const value = /[<[]([a-z]+)/.exec(option.flags)?.[1]
    return {
      spellings: [option.short, option.long].filter(
        (spelling) => spelling !== undefined && spelling !== null,
      ),
      description: option.description,
      takesValue: option.required || option.optional,
      // Shells expand the words of a list; what could be more than a word to them is not completed.
      values: valuesOf(option).filter((value) => /^[A-Za-z0-9._:/-]+$/.test(value)),
      takesPath: value === 'file' || value === 'folder',
    }
  })
  const [argument] = command.registeredArguments
  return {
    name: command.name(),
    aliases: command.aliases(),
    description: command.description().split('\n')[0] ?? '',
    flags,
    commands: helper.visibleCommands(command).map((child) => completed(child, modules)),
    words: command.name() === 'completion' ? Object.keys(shells) : [],
    takesPath: argument?.name() === 'file',
  }
}
