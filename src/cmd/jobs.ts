import type { Command } from 'commander'
import { accept, type Outcome } from '#contract/outcome.ts'
import { outputFormatOf, outputFormats, writeRows } from '#core/channel/cli/output.ts'
import {
  deleteDocument,
  type RemoteServer,
  readDocument,
  sendDocument,
} from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import type { Ways } from './provider-ways.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

interface JobFlags extends InstanceFlags, RemoteFlags {
  readonly state?: 'waiting' | 'running' | 'dead'
  readonly name?: string
  readonly before?: string
  readonly limit: string
  readonly output: string
}

const columns = ['job_id', 'name', 'state', 'attempt', 'attempts', 'run_at', 'error']

/** Adds `jobs`: what waits, what runs, what failed for good, trying that again and deleting it. */
export function addJobCommands(program: Command, context: CommandContext): void {
  const jobs = program
    .command('jobs')
    .description('Background jobs: what waits, what runs, and what failed for good')
    .helpCommand(false)
  const list = jobs
    .command('list')
    .description('Jobs, the youngest first')
    .option('--state <state>', 'waiting, running or dead')
    .option('--name <name>', 'only those of this name')
    .option('--before <id>', 'only those that are older than this one')
    .option('--limit <number>', 'how many at most', '100')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(list)).action(async () => {
    const flags = list.opts<JobFlags>()
    const output = outputFormatOf(flags.output)
    await finish(context, flags, listWays(flags), (rows) =>
      writeRows(context.terminal, output, columns, rows as Rows),
    )
  })
  const retry = jobs
    .command('retry')
    .description('Make a dead letter due again, with all its attempts')
    .argument('<id>', 'of the job')
  addRemoteFlags(addInstanceFlags(retry)).action(async (id: string) => {
    await finish(context, retry.opts<JobFlags>(), retryWays(id), () => context.say(`${id} is due again`))
  })
  const remove = jobs
    .command('delete')
    .description('Delete a job that does not run')
    .argument('<id>', 'of the job')
  addRemoteFlags(addInstanceFlags(remove)).action(async (id: string) => {
    await finish(context, remove.opts<JobFlags>(), deleteWays(id), () => context.say(`${id} is deleted`))
  })
}

function listWays({ state, name, before, limit }: JobFlags): Ways {
  if (state !== undefined && !['waiting', 'running', 'dead'].includes(state))
    throw new UsageError(`--state is one of waiting, running, dead, not "${state}"`)
  if (!/^[1-9][0-9]{0,3}$/.test(limit) || Number(limit) > 1000)
    throw new UsageError(`--limit is a number from 1 to 1000, not "${limit}"`)
  const query = {
    ...(state === undefined ? {} : { state }),
    ...(name === undefined ? {} : { name }),
    ...(before === undefined ? {} : { before }),
  }
  return {
    remote: (server) => readDocument(server, `/admin/jobs?${new URLSearchParams({ ...query, limit })}`),
    local: async ({ jobs }) => {
      const listed = await jobs.queue.list({ ...query, limit: Number(limit) })
      return listed.ok ? accept(listed.value.jobs) : listed
    },
  }
}

const addressOf = (id: string): string => `/admin/jobs/${encodeURIComponent(id)}`
const empty = { contentType: 'application/json', text: '{}' }
const retryWays = (id: string): Ways => ({
  remote: (server: RemoteServer) => sendDocument(server, `${addressOf(id)}/retry`, empty),
  local: ({ jobs }) => jobs.queue.retry(id),
})
const deleteWays = (id: string): Ways => ({
  remote: (server: RemoteServer) => deleteDocument(server, addressOf(id)),
  local: ({ jobs }) => jobs.queue.delete(id),
})

async function finish(
  context: CommandContext,
  flags: JobFlags,
  ways: Ways,
  show: (value: unknown) => void,
): Promise<void> {
  const server = serverOf(flags, context.env)
  const outcome = server === undefined ? await here(context, flags, ways) : await ways.remote(server)
  if (outcome.ok) show(outcome.value)
  context.finish(outcome.ok ? exitCodes.done : refused(outcome, context.terminal))
}

async function here(context: CommandContext, flags: JobFlags, ways: Ways): Promise<Outcome<unknown>> {
  const house = await openInstance(context, flags)
  try {
    return await ways.local(house)
  } finally {
    await house.close()
  }
}
