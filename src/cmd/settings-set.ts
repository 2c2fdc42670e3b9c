import type { Command } from 'commander'
import { accept, Fault, type Outcome } from '#contract/outcome.ts'
import type { Backend } from '#core/channel/cli/backend.ts'
import type { ModuleCommand } from '#core/channel/cli/commands.ts'
import { createLocalBackend } from '#core/channel/cli/local-backend.ts'
import { createRemoteBackend } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Settings = ModuleCommand['module']

/** Adds `settings set KEY VALUE`, which writes a setting whether it was there or not. */
export function addSettingsSet(
  program: Command,
  modules: readonly ModuleCommand[],
  context: CommandContext,
): void {
  const settings = program.commands.find((command) => command.name() === 'settings')
  const module = modules.find(({ name }) => name === 'settings')?.module
  if (settings === undefined || module === undefined) return
  const command = settings
    .command('set')
    .description('Write a setting, whether it was there or not; the secrets of providers are encrypted')
    .argument('<key>', 'for example email.provider')
    .argument('<value>', 'its value; - reads it from standard input')
  addRemoteFlags(addInstanceFlags(command)).action(async (key: string, given: string) => {
    const value = given === '-' ? (await context.terminal.readInput()).trimEnd() : given
    const outcome = await setOn(module, key, value, command.opts<InstanceFlags & RemoteFlags>(), context)
    if (outcome.ok) context.terminal.note(`${key} is set\n`)
    context.finish(outcome.ok ? exitCodes.done : refused(outcome, context.terminal))
  })
}

async function setOn(
  module: Settings,
  key: string,
  value: string,
  flags: InstanceFlags & RemoteFlags,
  context: CommandContext,
): Promise<Outcome<undefined>> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) return set(createRemoteBackend(server), module, key, value)
  const house = await openInstance(context, flags)
  try {
    return await set(createLocalBackend(house.engine), module, key, value)
  } finally {
    await house.close()
  }
}

async function set(
  backend: Backend,
  module: Settings,
  key: string,
  value: string,
): Promise<Outcome<undefined>> {
  const [create, update] = [module.actions.get('create'), module.actions.get('update')]
  if (create === undefined || update === undefined)
    throw new Fault('internal_error', 'settings cannot be written')
  const known = await backend.get(module, key)
  if (!known.ok && known.code !== 'not_found') return known
  const written = known.ok
    ? await backend.invoke(module, update, { id: key, input: { value } })
    : await backend.invoke(module, create, { input: { key, value } })
  return written.ok ? accept(undefined) : written
}
