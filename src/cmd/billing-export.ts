import type { Command } from 'commander'
import { readText } from '#core/channel/cli/remote-text.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

interface Flags extends InstanceFlags, RemoteFlags {
  readonly from?: string
  readonly to?: string
  readonly organization?: string
}

const dayMs = 86_400_000

/** Adds `billing export`. */
export function addBillingExport(billing: Command, context: CommandContext): void {
  const command = billing
    .command('export')
    .description('A table as CSV, to standard output')
    .argument('<table>', 'invoices, lines, payments, refunds, credit-notes, ledger or usage')
    .option('--from <YYYY-MM-DD>', 'the first day, UTC (default: a year ago)')
    .option('--to <YYYY-MM-DD>', 'the last day (default: today)')
    .option('--organization <id>', 'of one organization alone')
  addRemoteFlags(addInstanceFlags(command)).action(async (table: string) => {
    const flags = command.opts<Flags>()
    const server = serverOf(flags, context.env)
    if (server !== undefined) {
      const query = new URLSearchParams({
        ...(flags.from === undefined ? {} : { from: flags.from }),
        ...(flags.to === undefined ? {} : { to: flags.to }),
        ...(flags.organization === undefined ? {} : { organization_id: flags.organization }),
      })
      await write(context, readText(server, `/admin/billing/export/${encodeURIComponent(table)}?${query}`))
    } else await writeHere(table, flags, context)
  })
}

async function writeHere(table: string, flags: Flags, context: CommandContext): Promise<void> {
  const house = await openInstance(context, flags)
  try {
    await house.drainUsage()
    const now = house.clock.now()
    const opened = house.billing.exportMoney(table, {
      fromMs: dayOf('--from', flags.from, now - 364 * dayMs),
      toMs: dayOf('--to', flags.to, now) + dayMs,
      ...(flags.organization === undefined ? {} : { organizationId: flags.organization }),
    })
    if (opened.ok) await write(context, opened.value.lines)
    else context.finish(refused(opened, context.terminal))
  } finally {
    await house.close()
  }
}

function dayOf(flag: string, text: string | undefined, usualMs: number): number {
  const day = text ?? new Date(usualMs).toISOString().slice(0, 10)
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(atMs)) throw new UsageError(`${flag} is a day such as 2026-11-21, not "${day}"`)
  return atMs
}

async function write({ terminal }: CommandContext, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) terminal.write(piece)
}
