import type { Command } from 'commander'
import type { Outcome } from '#contract/outcome.ts'
import { outputFormatOf, outputFormats, writeBody, writeRows } from '#core/channel/cli/output.ts'
import { sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

interface ReconcileFlags extends InstanceFlags, RemoteFlags {
  readonly provider: string
  readonly source: string
  readonly table: string
  readonly key: string
  readonly field: readonly string[]
  readonly repair?: string
  readonly output: string
}

interface Report {
  readonly matched: number
  readonly differences: readonly {
    readonly key: string | null
    readonly local_id: string | null
    readonly kind: string
    readonly fields: readonly { field: string; local: unknown; external: unknown }[]
  }[]
  readonly repaired: number
  readonly failed: number
  readonly failures?: readonly { readonly key: string | null; readonly reason: string }[]
}

const columns = ['kind', 'local_id', 'key', 'fields']

/** Adds `reconcile`: our records beside a provider's. */
export function addReconcileCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('reconcile')
    .description(
      "Compare our records with a provider's, by provider mappings; changes nothing unless told to",
    )
    .argument('<module>', 'for example user')
    .requiredOption('--provider <name>', 'as provider mappings name it, for example stripe')
    .requiredOption('--source <name>', 'the data source with their rows')
    .requiredOption('--table <name>', 'of the data source')
    .option('--key <column>', 'their id', 'id')
    .option(
      '--field <ours=theirs>',
      'a field to compare; may be given several times',
      (text: string, all: readonly string[]) => [...all, text],
      [] as readonly string[],
    )
    .option('--repair <side>', 'make one side like the other: local (ours) or external (theirs)')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command)).action(async (module: string) => {
    const flags = command.opts<ReconcileFlags>()
    const output = outputFormatOf(flags.output)
    const outcome = await reconcile(inputOf(module, flags), flags, context)
    if (!outcome.ok) return context.finish(refused(outcome, context.terminal))
    const report = outcome.value as Report
    if (output === 'table') showTable(context, report)
    else writeBody(context.terminal, output, report)
    context.finish(report.failed === 0 ? exitCodes.done : exitCodes.refused)
  })
}

function inputOf(module: string, { provider, source, table, key, field, repair = 'none' }: ReconcileFlags) {
  if (!['none', 'local', 'external'].includes(repair))
    throw new UsageError(`--repair is local or external, not "${repair}"`)
  if (field.length === 0) throw new UsageError('name at least one --field, such as --field email=email')
  const pairs = field.map((text) => {
    const [ours = '', theirs = ours] = text.split('=', 2)
    if (ours === '' || theirs === '') throw new UsageError(`--field is ours=theirs, not "${text}"`)
    return [ours, theirs] as const
  })
  return { module, provider, source_instance: source, table, key, fields: Object.fromEntries(pairs), repair }
}

async function reconcile(
  input: Readonly<Record<string, unknown>>,
  flags: ReconcileFlags,
  context: CommandContext,
): Promise<Outcome<unknown>> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) {
    const body = { contentType: 'application/json', text: JSON.stringify(input) }
    return sendDocument(server, '/admin/reconcile', body)
  }
  const house = await openInstance(context, flags)
  try {
    return await house.sync.reconcile(input)
  } finally {
    await house.close()
  }
}

function showTable({ terminal, say }: CommandContext, report: Report): void {
  const rows = report.differences.map(({ fields, ...rest }) => ({
    ...rest,
    fields: fields
      .map(({ field, local, external }) => `${field}: ${String(local)} / ${String(external)}`)
      .join(', '),
  }))
  if (rows.length > 0) writeRows(terminal, 'table', columns, rows)
  say(
    `${report.matched} the same, ${rows.length} different, ${report.repaired} put right, ${report.failed} failed`,
  )
  for (const { key, reason } of report.failures ?? []) terminal.note(`${key ?? '-'}: ${reason}\n`)
}
