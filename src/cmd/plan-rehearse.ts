import type { Command } from 'commander'
import type { House } from '#bootstrap/open-house.ts'
import { outputFormatOf, outputFormats, writeBody, writeRows } from '#core/channel/cli/output.ts'
import { sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { readTextFile } from './read-text-file.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

interface RehearseFlags extends InstanceFlags, RemoteFlags {
  readonly from: string
  readonly to?: string
  readonly output: string
}

type Outcome = Awaited<ReturnType<House['subscriptions']['rehearse']>>

const mostBytes = 64 * 1024
const columns = ['organization', 'periods', 'units', 'now', 'draft', 'change']

/** Adds `plans rehearse`. */
export function addPlanCommands(program: Command, context: CommandContext): void {
  const plans = program.commands.find((command) => command.name() === 'plans')
  if (plans === undefined) return
  const command = plans
    .command('rehearse')
    .description('What a draft of a plan would have earned with the use that really was; changes nothing')
    .argument('<file>', 'the name of the plan and the price fields that change, YAML or JSON')
    .requiredOption('--from <YYYY-MM>', 'the first month, UTC')
    .option('--to <YYYY-MM>', 'the last month (default: the first one)')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command)).action(async (file: string) => {
    context.finish(await rehearse(file, command.opts<RehearseFlags>(), context))
  })
}

async function rehearse(file: string, flags: RehearseFlags, context: CommandContext): Promise<number> {
  const output = outputFormatOf(flags.output)
  const text = await readTextFile(file, mostBytes)
  const { from, to = from } = flags
  for (const month of [from, to])
    if (!/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(month))
      throw new UsageError(`a month looks like 2026-10, not "${month}"`)
  const outcome = await rehearseHere(text, { from, to }, flags, context)
  if (!outcome.ok) return refused(outcome, context.terminal)
  if (output !== 'table') {
    writeBody(context.terminal, output, outcome.value)
    return exitCodes.done
  }
  const { customers, currency, plan, now, draft, change } = outcome.value
  writeRows(
    context.terminal,
    output,
    columns,
    customers.map((customer) => ({ ...customer })),
  )
  const sign = change > 0 ? '+' : ''
  context.terminal.note(
    `${plan}, ${from} to ${to}, minor units of ${currency}: now ${now}, draft ${draft}, ${sign}${change}\n`,
  )
  return exitCodes.done
}

async function rehearseHere(
  text: string,
  months: { readonly from: string; readonly to: string },
  flags: RehearseFlags,
  context: CommandContext,
): Promise<Outcome> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) {
    const document = { contentType: 'application/json', text: JSON.stringify({ draft: text, ...months }) }
    return (await sendDocument(server, '/admin/billing/rehearse', document)) as Outcome
  }
  const house = await openInstance(context, flags)
  try {
    return await house.subscriptions.rehearse(text, months)
  } finally {
    await house.close()
  }
}
