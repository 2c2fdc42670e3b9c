import type { Command } from 'commander'
import { withoutPassword } from '#bootstrap/config.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { sayTotals } from './backup.ts'
import { addInstanceFlags, type CommandContext, configOf, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { refusing } from './refusing.ts'

interface MigrateFlags extends InstanceFlags {
  readonly dryRun?: boolean
  readonly to?: string
}

/** What `--dry-run` ends with when there is something to change. */
const pending = 2

/** Adds `migrate`. */
export function addMigrateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('migrate')
    .description('Bring the database up to this version and its modules; every start does the same by itself')
    .option('--dry-run', 'say what would change, change nothing, and end with 2 when there is something')
    .option('--to <url>', 'copy everything into another, empty database: postgres://... or a file')
  addInstanceFlags(command).action(() =>
    refusing(context, async () => {
      const flags = command.opts<MigrateFlags>()
      if (flags.to !== undefined && flags.dryRun === true)
        throw new UsageError('--to and --dry-run do not go together')
      if (flags.to === undefined) await bringUp(context, flags)
      else await moveTo(context, flags, flags.to)
    }),
  )
}

async function bringUp(context: CommandContext, flags: MigrateFlags): Promise<void> {
  const config = configOf(context, flags)
  const isDryRun = flags.dryRun === true
  const { migrateDatabase } = await import('#bootstrap/migrate-database.ts')
  const changes = await migrateDatabase(config, isDryRun)
  for (const change of changes) context.say(change)
  if (isDryRun) {
    if (changes.length > 0) context.finish(pending)
    else context.say(`${withoutPassword(config.databaseDsn)} needs no change`)
    return
  }
  // What a start does beyond the tables: seeds, and fields that are computed.
  const house = await openInstance(context, flags)
  await house.close()
  context.say(`${withoutPassword(config.databaseDsn)} is up to date`)
}

async function moveTo(context: CommandContext, flags: MigrateFlags, to: string): Promise<void> {
  const config = configOf(context, flags)
  const target = configOf(context, { ...flags, db: to }).databaseDsn
  const { moveDatabase } = await import('#bootstrap/backup/restore.ts')
  sayTotals(context, await moveDatabase(config, target))
  context.say(`Everything is in ${withoutPassword(target)} now, read back and compared.`)
  context.say('Start with APIGATE_DATABASE_DSN set to it, and with the same data directory.')
}
