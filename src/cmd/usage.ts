import type { Command } from 'commander'
import type { House } from '#bootstrap/open-house.ts'
import { outputFormatOf, outputFormats, writeBody, writeRows } from '#core/channel/cli/output.ts'
import { readDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Summary = Awaited<ReturnType<House['usageSummary']>>

interface UsageFlags extends InstanceFlags, RemoteFlags {
  readonly month?: string
  readonly organization?: string
  readonly output: string
}

/** Adds `usage summary`. */
export function addUsageCommand(program: Command, context: CommandContext): void {
  const usage = program.command('usage').description('What was used and what it costs so far')
  const command = usage
    .helpCommand(false)
    .command('summary')
    .description('Requests, billed units and cost so far of each subscription in a month')
    .option('--month <YYYY-MM>', 'a calendar month, UTC (default: this one)')
    .option('--organization <id>', 'one organization alone')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command)).action(async () => {
    context.finish(await writeSummary(command.opts<UsageFlags>(), context))
  })
}

async function writeSummary(flags: UsageFlags, context: CommandContext): Promise<number> {
  const output = outputFormatOf(flags.output)
  if (flags.month !== undefined && !/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(flags.month)) {
    throw new UsageError(`--month looks like 2026-11, not "${flags.month}"`)
  }
  const outcome = await readSummary(flags, context)
  if (!outcome.ok) return refused(outcome, context.terminal)
  if (output !== 'table') {
    writeBody(context.terminal, output, outcome.value)
    return exitCodes.done
  }
  const { month, rows } = outcome.value
  const cells = rows.map(({ included, remaining, units, cost, ...row }) => ({
    ...row,
    'billed units': units,
    included: included ?? 'unlimited',
    remaining: remaining ?? 'unlimited',
    'cost so far': cost,
  }))
  writeRows(context.terminal, output, columns, cells)
  context.terminal.note(rows.length === 0 ? `no usage in ${month}\n` : `${month}, UTC\n`)
  return exitCodes.done
}

const columns = [
  'organization',
  'plan',
  'api',
  'requests',
  'billed units',
  'included',
  'remaining',
  'errors',
].concat('cost so far')

async function readSummary(flags: UsageFlags, context: CommandContext): Promise<Summary> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) {
    const query = new URLSearchParams()
    if (flags.month !== undefined) query.set('month', flags.month)
    if (flags.organization !== undefined) query.set('organization_id', flags.organization)
    return (await readDocument(server, `/admin/usage/summary?${query}`)) as Summary
  }
  const house = await openInstance(context, flags)
  try {
    return await house.usageSummary({
      ...(flags.month === undefined ? {} : { month: flags.month }),
      ...(flags.organization === undefined ? {} : { organizationId: flags.organization }),
    })
  } finally {
    await house.close()
  }
}
