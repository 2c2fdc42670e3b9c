import type { Command } from 'commander'
import type { Outcome } from '#contract/outcome.ts'
import { outputFormatOf, outputFormats, writeBody, writeRecord, writeRows } from '#core/channel/cli/output.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import {
  callWays,
  enablingWays,
  getWays,
  listWays,
  switchWays,
  testWays,
  type Ways,
} from './provider-ways.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

interface ProviderFlags extends InstanceFlags, RemoteFlags {
  readonly output: string
  readonly force?: boolean
}

const capabilityFlags = [
  'auth',
  'cache',
  'data-source',
  'email',
  'notification',
  'oauth',
  'payment',
  'queue',
  'reconciliation',
  'search',
  'storage',
  'sync',
  'tls',
]
const listColumns = ['capability', 'provider', 'name', 'state', 'chosen by']
const testColumns = ['capability', 'provider', 'status', 'error']
const viewColumns = [
  'name',
  'capability',
  'provider',
  'description',
  'is_active',
  'is_enabled',
  'is_configured',
  'problems',
  'instances',
  'chosen_by',
  'only',
]

/** Adds `providers` with what operators do with them. */
export function addProviderCommands(program: Command, context: CommandContext): void {
  const providers = program
    .command('providers')
    .description('Outside services: which are active, whether they answer, switching them')
    .helpCommand(false)
  addCommon(providers.command('list').description('Every provider by capability')).action(
    async (_flags: unknown, command: Command) => {
      const flags = command.opts<ProviderFlags>()
      await finish(context, flags, listWays, (rows) => writeList(context, flags, rows as Rows))
    },
  )
  addCommon(
    providers.command('get').description('One provider').argument('<name>', 'its name, or its short one'),
  ).action(async (name: string, _flags: unknown, command: Command) => {
    const flags = command.opts<ProviderFlags>()
    await finish(context, flags, getWays(name), (row) => writeView(context, flags, row))
  })
  addTest(providers, context)
  addSwitch(providers, context)
  addCall(providers, context)
  for (const verb of ['enable', 'disable'] as const) {
    const description =
      verb === 'enable' ? 'Switch a provider on' : 'Switch a provider off: calls of it are refused'
    addCommon(
      providers
        .command(verb)
        .description(description)
        .argument('<name>', 'its name; name/configuration for one of several'),
    ).action(async (name: string, _flags: unknown, command: Command) => {
      const flags = command.opts<ProviderFlags>()
      await finish(context, flags, enablingWays(name, verb), (row) => writeView(context, flags, row))
    })
  }
}

const addCommon = (command: Command): Command =>
  addRemoteFlags(addInstanceFlags(command.option('--output <format>', outputFormats.join(', '), 'table')))

function addTest(providers: Command, context: CommandContext): void {
  const command = providers
    .command('test')
    .description(
      'Ask providers whether they answer and take the credentials; the active ones unless one is named',
    )
    .argument('[name]', 'a provider, active or not')
  for (const flag of capabilityFlags)
    command.option(`--${flag}`, `the active provider of ${flag.replace('-', '_')}`)
  command.option('--capability <name>', 'the active provider of a capability of your own')
  addCommon(command).action(async (name: string | undefined) => {
    const flags = command.opts<ProviderFlags & Readonly<Record<string, unknown>>>()
    const capabilities = capabilityFlags
      .filter((flag) => flags[flag.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase())] === true)
      .map((flag) => flag.replaceAll('-', '_'))
    if (typeof flags['capability'] === 'string') capabilities.push(flags['capability'])
    if (name !== undefined && capabilities.length > 0)
      throw new UsageError('name a provider or capabilities, not both')
    await finish(context, flags, testWays(name, capabilities), (rows) => {
      writeRows(context.terminal, outputFormatOf(flags.output), testColumns, rows as Rows)
      return (rows as Rows).every(({ status }) => status === 'connected') ? exitCodes.done : exitCodes.refused
    })
  })
}

function addCall(providers: Command, context: CommandContext): void {
  const command = providers
    .command('call')
    .description('Do one action of a capability, to try a provider out; it is kept in the audit log')
    .argument('<capability>', 'for example email')
    .argument('<action>', 'for example send')
    .argument('[input]', "the action's input as a JSON object; - reads it from standard input", '{}')
    .option('--provider <name>', 'another than the active one')
    .option('--output <format>', 'json or yaml', 'json')
  addRemoteFlags(addInstanceFlags(command)).action(
    async (capability: string, action: string, given: string) => {
      const flags = command.opts<ProviderFlags & { provider?: string }>()
      const output = outputFormatOf(flags.output)
      if (output === 'table') throw new UsageError('--output is json or yaml here')
      const input = objectOf(given === '-' ? await context.terminal.readInput() : given)
      const { provider } = flags
      const call = { capability, action, input, ...(provider === undefined ? {} : { provider }) }
      await finish(context, flags, callWays(call), (value) => {
        writeBody(context.terminal, output, value as object)
        return exitCodes.done
      })
    },
  )
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new UsageError('the input is a JSON object, for example {"to": "ada@example.com"}')
}

function addSwitch(providers: Command, context: CommandContext): void {
  const command = providers
    .command('switch')
    .description('Make a provider the active one of a capability, in every process and without a restart')
    .argument('<capability>', 'for example email')
    .argument('<provider>', 'for example sendgrid, or sendgrid/marketing for one of several configurations')
    .option('--force', 'also when its test fails')
  addCommon(command).action(async (capability: string, provider: string) => {
    const flags = command.opts<ProviderFlags>()
    const ways = switchWays({ capability, provider, force: flags.force === true })
    await finish(context, flags, ways, (row) => writeView(context, flags, row))
  })
}

async function finish(
  context: CommandContext,
  flags: ProviderFlags,
  ways: Ways,
  show: (value: unknown) => number,
): Promise<void> {
  outputFormatOf(flags.output)
  const server = serverOf(flags, context.env)
  const outcome = server === undefined ? await here(context, flags, ways.local) : await ways.remote(server)
  context.finish(outcome.ok ? show(outcome.value) : refused(outcome, context.terminal))
}

async function here(
  context: CommandContext,
  flags: InstanceFlags,
  work: Ways['local'],
): Promise<Outcome<unknown>> {
  const house = await openInstance(context, flags)
  try {
    return await work(house)
  } finally {
    await house.close()
  }
}

function stateOf(row: Readonly<Record<string, unknown>>): string {
  if (row['is_enabled'] !== true) return 'disabled'
  if (row['is_configured'] !== true) return 'not configured'
  return row['is_active'] === true ? 'active' : 'ready'
}

function writeList(context: CommandContext, flags: ProviderFlags, rows: Rows): number {
  const output = outputFormatOf(flags.output)
  if (output !== 'table') writeBody(context.terminal, output, rows)
  else {
    const shown = rows.map((row) => ({ ...row, state: stateOf(row), 'chosen by': row['chosen_by'] }))
    writeRows(context.terminal, output, listColumns, shown)
  }
  return exitCodes.done
}

function writeView(context: CommandContext, flags: ProviderFlags, row: unknown): number {
  writeRecord(
    context.terminal,
    outputFormatOf(flags.output),
    viewColumns,
    row as Readonly<Record<string, unknown>>,
  )
  return exitCodes.done
}
