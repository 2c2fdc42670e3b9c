import { resolve } from 'node:path'
import type { Command } from 'commander'
import { withoutPassword } from '#bootstrap/config.ts'
import { addInstanceFlags, type CommandContext, configOf, type InstanceFlags } from './context.ts'
import { refusing } from './refusing.ts'

/** A table with its rows and the sums of its money and units. */
interface Total {
  readonly table: string
  readonly count: number
  readonly sums: Readonly<Record<string, string>>
}

/** One line for each table that has rows: how many, and what its money and units add up to. */
export function sayTotals(context: CommandContext, totals: readonly Total[]): void {
  const filled = totals.filter(({ count }) => count > 0)
  const width = Math.max(0, ...filled.map(({ table }) => table.length))
  for (const { table, count, sums } of filled) {
    const told = Object.entries(sums).map(([name, sum]) => `${name} ${sum}`)
    context.say([table.padEnd(width), String(count).padStart(10), ...told].join('  '))
  }
}

/** Adds `backup` and `restore`. */
export function addBackupCommands(program: Command, context: CommandContext): void {
  const backup = program
    .command('backup <file>')
    .description('Write everything that the instance keeps, but its secrets, into a file; it may be running')
  addInstanceFlags(backup).action((file: string) =>
    refusing(context, async () => {
      const config = configOf(context, backup.opts<InstanceFlags>())
      const { backUp } = await import('#bootstrap/backup/back-up.ts')
      sayTotals(context, await backUp(config, resolve(file)))
      context.say(`${withoutPassword(config.databaseDsn)} is in ${file}.`)
      context.say(
        'The secrets are not in it: keep secrets.json, or the variables that stand for it, elsewhere.',
      )
    }),
  )
  const restore = program
    .command('restore <file>')
    .description('Fill an empty database from a backup; stop the servers on it first')
    .option('--force', 'replace what is in the database')
    .option('--check', 'only read the file from end to end and compare it with its checksums')
  addInstanceFlags(restore).action((file: string) =>
    refusing(context, async () => {
      const flags = restore.opts<InstanceFlags & { force?: boolean; check?: boolean }>()
      const actions = await import('#bootstrap/backup/restore.ts')
      if (flags.check === true) {
        sayTotals(context, await actions.checkBackup(resolve(file)))
        context.say(`${file} is whole.`)
        return
      }
      const config = configOf(context, flags)
      sayTotals(context, await actions.restore(config, resolve(file), flags.force === true))
      context.say(`${file} is in ${withoutPassword(config.databaseDsn)} now, read back and compared.`)
    }),
  )
}
