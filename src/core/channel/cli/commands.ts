import { loadModules } from '../../schema/load.ts'
import type { Action, Module } from '../../schema/module.ts'
import { type Flag, flagsOf } from './flags.ts'

/** One thing that can be done with a module's records, as a command. */
export interface ActionCommand {
  readonly action: Action
  readonly name: string
  readonly description: string
  readonly takesId: boolean
  readonly flags: readonly Flag[]
}

/** A module as a command with its actions below it. */
export interface ModuleCommand {
  readonly module: Module
  readonly name: string
  readonly aliases: readonly string[]
  readonly description: string
  readonly actions: readonly ActionCommand[]
}

/** Reads the modules of the folders and makes their commands; throws a SchemaFault as `loadModules` does. */
export async function loadModuleCommands(
  directories: readonly string[],
  taken: Iterable<string>,
): Promise<readonly ModuleCommand[]> {
  return moduleCommands((await loadModules(directories)).values(), taken)
}

/**
 * The commands of all modules that the command line serves, sorted by name. Names in `taken` belong to others: a module
 * steps aside for them and for modules before it.
 */
export function moduleCommands(modules: Iterable<Module>, taken: Iterable<string>): readonly ModuleCommand[] {
  const served = [...modules].filter((module) => module.channels.cli.enabled)
  const used = new Set(taken)
  const names = new Map<Module, string>()
  for (const module of served) {
    const wishes = [
      module.channels.cli.command,
      dashed(module.plural),
      dashed(module.name),
      `${dashed(module.plural)}-records`,
    ]
    const name = wishes.find((wish) => !used.has(wish)) ?? module.idPrefix
    used.add(name)
    names.set(module, name)
  }
  return served
    .map((module) => commandOf(module, names.get(module) ?? module.name, used))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}

function commandOf(module: Module, name: string, used: Set<string>): ModuleCommand {
  const spellings = [dashed(module.plural), module.plural, dashed(module.name), module.name]
  const aliases: string[] = []
  for (const alias of spellings) {
    if (used.has(alias)) continue
    used.add(alias)
    aliases.push(alias)
  }
  const actions = [...module.actions.values()].filter((action) => !action.isInternal)
  return {
    module,
    name,
    aliases,
    description: module.meta.description,
    actions: actions.map((action) => actionCommandOf(module, action)),
  }
}

function actionCommandOf(module: Module, action: Action): ActionCommand {
  return {
    action,
    name: dashed(action.name),
    description: action.description === '' ? `Run ${dashed(action.name)}` : action.description,
    takesId: action.kind !== 'list' && action.kind !== 'create',
    flags: flagsOf(module, action),
  }
}

const dashed = (name: string): string => name.replaceAll('_', '-')
