import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { House } from '#bootstrap/open-house.ts'
import { outputFormatOf, outputFormats, writeBody, writeRows } from '#core/channel/cli/output.ts'
import { readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'
import { readText } from '#core/channel/cli/remote-text.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Report = Awaited<ReturnType<House['engine']['audit']['verify']>>
type Filters = Readonly<Record<string, string | undefined>>
type Flags = InstanceFlags & RemoteFlags & Filters

const filterFlags = [
  ['organization', 'organization_id', 'the chain of one organization, or "instance"'],
  ['actor', 'actor', 'the id of who acted'],
  ['operator', 'operator', 'the operator behind impersonations'],
  ['action', 'action', 'for example plan.update'],
  ['outcome', 'outcome', '"done", or an error'],
  ['module', 'module', 'the module of the record'],
  ['record', 'record', 'the id of the record'],
  ['from', 'from', 'not before this time (ISO 8601, UTC)'],
  ['until', 'until', 'before this time'],
] as const
/** Whoever may open the files of an instance. */
const commandLine = { kind: 'system', id: 'command-line' }
const columns = ['at', 'actor', 'action', 'outcome', 'record_id', 'chain', 'seq']

/** Adds `audit list|export|verify`. */
export function addAuditCommands(program: Command, context: CommandContext): void {
  const audit = program.command('audit').description('Who did what, and that nobody changed the record of it')
  audit.helpCommand(false)
  const list = withFilters(audit.command('list').description('The newest entries'))
    .option('--limit <number>', 'how many', '20')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(list)).action(async () => {
    context.finish(await listEntries(list.opts<Flags>(), context))
  })
  const taken = withFilters(
    audit.command('export').description('Every entry that matches, oldest first, to standard output'),
  ).addOption(new Option('--format <format>', 'jsonl or csv').choices(['jsonl', 'csv']).default('jsonl'))
  addRemoteFlags(addInstanceFlags(taken)).action(async () => {
    await exportEntries(taken.opts<Flags>(), context)
  })
  const verify = audit
    .command('verify')
    .description('Examine every chain from its beginning to its sealed end')
    .option('--kept <file>', 'the --output json of an earlier run: what ended there must still be there')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(verify)).action(async () => {
    context.finish(await verifyChains(verify.opts<Flags>(), context))
  })
}

function withFilters(command: Command): Command {
  for (const [flag, , description] of filterFlags) command.option(`--${flag} <value>`, description)
  return command
}

function searchOf(flags: Flags): URLSearchParams {
  const search = new URLSearchParams()
  for (const [flag, name] of filterFlags) {
    const value = flags[flag]
    if (value !== undefined) search.set(name, value)
  }
  return search
}

/** Opens the instance itself, which asks as the server would. */
async function onHouse<T>(
  flags: Flags,
  context: CommandContext,
  work: (audit: House['audit']) => Promise<T>,
): Promise<T> {
  const house = await openInstance(context, flags)
  try {
    return await work(house.audit)
  } finally {
    await house.close()
  }
}

async function listEntries(flags: Flags, context: CommandContext): Promise<number> {
  const output = outputFormatOf(flags['output'] ?? 'table')
  const search = searchOf(flags)
  search.set('limit', flags['limit'] ?? '20')
  const server = serverOf(flags, context.env)
  const found =
    server === undefined
      ? await onHouse(flags, context, async (audit) => {
          const page = await audit.list(search)
          return page.ok ? { ok: true as const, value: page.value.items } : page
        })
      : await readDocument(server, `/admin/audit?${search}`)
  if (!found.ok) return refused(found, context.terminal)
  const rows = found.value as readonly Readonly<Record<string, unknown>>[]
  const cells = rows.map((row) => ({
    ...row,
    actor: `${row['actor_id']}${row['operator_id'] === null ? '' : ` (${row['operator_id']})`}`,
  }))
  writeRows(context.terminal, output, columns, output === 'table' ? cells : rows)
  return exitCodes.done
}

async function exportEntries(flags: Flags, context: CommandContext): Promise<void> {
  const search = searchOf(flags)
  search.set('format', flags['format'] ?? 'jsonl')
  const server = serverOf(flags, context.env)
  const write = async (pieces: AsyncIterable<string>): Promise<void> => {
    for await (const piece of pieces) context.terminal.write(piece)
  }
  if (server !== undefined) await write(readText(server, `/admin/audit/export?${search}`))
  else
    await onHouse(flags, context, async (audit) => {
      const taken = await audit.export(search, { actor: commandLine, requestId: 'command-line' })
      if (!taken.ok) throw new UsageError(taken.message)
      await write(taken.value.lines)
    })
}

async function verifyChains(flags: Flags, context: CommandContext): Promise<number> {
  const output = outputFormatOf(flags['output'] ?? 'table')
  const ends = flags['kept'] === undefined ? [] : endsIn(flags['kept'])
  const server = serverOf(flags, context.env)
  const found =
    server === undefined
      ? await onHouse(flags, context, (audit) => audit.verify({ ends }))
      : await sendDocument(server, '/admin/audit/verify', {
          contentType: 'application/json',
          text: JSON.stringify({ ends }),
        })
  if (!found.ok) return refused(found, context.terminal)
  const report = found.value as Report
  if (output !== 'table') writeBody(context.terminal, output, report)
  else {
    if (report.problems.length > 0)
      writeRows(
        context.terminal,
        output,
        ['chain', 'seq', 'problem'],
        report.problems.map((problem) => ({ ...problem })),
      )
    const verdict = report.is_intact ? 'intact' : 'NOT as it was written'
    context.say(`${report.entries} entries in ${report.chains} chains: ${verdict}`)
  }
  return report.is_intact ? exitCodes.done : exitCodes.refused
}

/** The ends in the JSON of an earlier run. */
function endsIn(file: string): Report['ends'] {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { data?: { ends?: Report['ends'] } }
    if (kept.data?.ends !== undefined) return kept.data.ends
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  throw new UsageError(`${file} is not what "audit verify --output json" writes`)
}
