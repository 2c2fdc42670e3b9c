import type { Command } from 'commander'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'

/** Adds `migrate`. */
export function addMigrateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('migrate')
    .description('Bring the database up to this version and its modules; every start does the same by itself')
  addInstanceFlags(command).action(async () => {
    const house = await openInstance(context, command.opts<InstanceFlags>())
    await house.close()
    context.say(`${house.config.databaseDsn} is up to date`)
  })
}
