import type { Command } from 'commander'
import { accept, type Outcome } from '#contract/outcome.ts'
import { outputFormatOf, outputFormats, writeRecord, writeRows } from '#core/channel/cli/output.ts'
import { type RemoteServer, readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { createProgressBar } from './progress-bar.ts'
import type { Ways } from './provider-ways.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Row = Readonly<Record<string, unknown>>

interface SyncFlags extends InstanceFlags, RemoteFlags {
  readonly dryRun?: boolean
  readonly output: string
}

const jobColumns = ['name', 'enabled', 'schedule', 'watermark']
const reportColumns = [
  'read',
  'inserted',
  'updated',
  'unchanged',
  'failed',
  'is_done',
  'watermark',
  'failures',
]

/** Adds `sync`: how far sync jobs have come, and running them. Their records are `sync-jobs`. */
export function addSyncCommands(program: Command, context: CommandContext): void {
  const sync = program
    .command('sync')
    .description('Rows copied between data sources: running sync jobs, and how far they have come')
    .helpCommand(false)
  addCommon(sync.command('list').description('Every sync job with how far it has come')).action(
    async (_flags: unknown, command: Command) => {
      const flags = command.opts<SyncFlags>()
      const output = outputFormatOf(flags.output)
      await finish(context, flags, listWays, (rows) =>
        writeRows(context.terminal, output, jobColumns, rows as readonly Row[]),
      )
    },
  )
  const one = (verb: string, description: string): Command =>
    addCommon(sync.command(verb).description(description).argument('<name>', 'of the sync job'))
  one('show', 'One sync job, with the report of its last run').action(
    async (name: string, _flags: unknown, command: Command) => {
      const flags = command.opts<SyncFlags>()
      await finish(context, flags, showWays(name), (job) => {
        const { report, ...rest } = job as Row & { report: Row | null }
        writeRecord(context.terminal, outputFormatOf(flags.output), [...jobColumns, ...reportColumns], {
          ...report,
          ...rest,
        })
      })
    },
  )
  one('run', 'Copy what has changed since the last run; goes on where one was stopped')
    .option('--dry-run', 'count what would be copied, and copy nothing')
    .action(async (name: string, _flags: unknown, command: Command) => {
      const flags = command.opts<SyncFlags>()
      await finish(context, flags, runWays(name, flags.dryRun === true, context), (value) => {
        const row = value as Row
        const columns = 'job_id' in row ? ['job_id', 'is_duplicate'] : reportColumns
        writeRecord(context.terminal, outputFormatOf(flags.output), columns, row)
      })
    })
  one('reset', 'Forget how far a sync job has come: its next run begins at the start').action(
    async (name: string, _flags: unknown, command: Command) => {
      await finish(context, command.opts<SyncFlags>(), resetWays(name), () =>
        context.say(`${name} begins at the start`),
      )
    },
  )
}

const addCommon = (command: Command): Command =>
  addRemoteFlags(addInstanceFlags(command.option('--output <format>', outputFormats.join(', '), 'table')))

const addressOf = (name: string): string => `/admin/sync/${encodeURIComponent(name)}`
const post = (server: RemoteServer, path: string, body: unknown): Promise<Outcome<unknown>> =>
  sendDocument(server, path, { contentType: 'application/json', text: JSON.stringify(body) })

const listWays: Ways = {
  remote: (server) => readDocument(server, '/admin/sync'),
  local: async ({ sync }) => accept(await sync.jobs.list()),
}
const showWays = (name: string): Ways => ({
  remote: (server) => readDocument(server, addressOf(name)),
  local: ({ sync }) => sync.jobs.find(name),
})
const resetWays = (name: string): Ways => ({
  remote: (server) => post(server, `${addressOf(name)}/reset`, {}),
  local: ({ sync }) => sync.jobs.reset(name),
})
/** A server runs it in its queue; here it runs at once, with a bar for whoever looks. */
const runWays = (name: string, isDry: boolean, { terminal }: CommandContext): Ways => ({
  remote: (server) => post(server, `${addressOf(name)}/run`, { dry_run: isDry }),
  local: async ({ sync }) => {
    const bar = createProgressBar(terminal)
    const total = terminal.width === undefined ? undefined : await sync.jobs.count(name)
    const stopped = new AbortController()
    const stop = (): void => stopped.abort()
    process.once('SIGINT', stop)
    try {
      return await sync.jobs.run(name, {
        isDry,
        signal: stopped.signal,
        onProgress: ({ read }) => bar.show(read, total),
      })
    } finally {
      process.removeListener('SIGINT', stop)
      bar.end()
    }
  },
})

async function finish(
  context: CommandContext,
  flags: SyncFlags,
  ways: Ways,
  show: (value: unknown) => void,
): Promise<void> {
  outputFormatOf(flags.output)
  const server = serverOf(flags, context.env)
  const outcome = server === undefined ? await here(context, flags, ways) : await ways.remote(server)
  if (outcome.ok) show(outcome.value)
  context.finish(outcome.ok ? exitCodes.done : refused(outcome, context.terminal))
}

async function here(context: CommandContext, flags: SyncFlags, ways: Ways): Promise<Outcome<unknown>> {
  const house = await openInstance(context, flags)
  try {
    return await ways.local(house)
  } finally {
    await house.close()
  }
}
