import type { Command } from 'commander'
import { refused } from '#core/channel/cli/run-action.ts'
import { addInstanceFlags, type CommandContext, configOf, type InstanceFlags } from './context.ts'
import { logTo } from './instance.ts'

/** Adds `keys rotate-encryption`, beside the commands of the module. */
export function addRotateEncryption(program: Command, context: CommandContext): void {
  const keys = program.commands.find((command) => command.name() === 'keys')
  if (keys === undefined) return
  const command = keys
    .command('rotate-encryption')
    .description('Seal every stored secret with a new encryption key; servers may run meanwhile')
  addInstanceFlags(command).action(async () => {
    const config = configOf(context, command.opts<InstanceFlags>())
    const { rotateEncryption } = await import('#bootstrap/rotate-encryption.ts')
    const note = (line: string): void => context.terminal.note(`${line}\n`)
    const outcome = await rotateEncryption(config, { log: logTo(context.terminal) }, note)
    if (!outcome.ok) return context.finish(refused(outcome, context.terminal))
    const { resealed, isFromEnvironment } = outcome.value
    context.say(`${resealed} secrets are sealed with the new key, and nothing with a former one.`)
    context.say(
      isFromEnvironment
        ? 'Take APIGATE_ENCRYPTION_KEY_PREVIOUS out, and restart the servers when it suits you.'
        : 'secrets.json holds the new key alone. Backups made before need the secrets.json of their time.',
    )
  })
}
