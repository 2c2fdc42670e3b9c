import { type Command, InvalidArgumentError } from 'commander'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { outputFormatOf, outputFormats, writeRecord } from '#core/channel/cli/output.ts'
import { readDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

interface LookupFlags extends InstanceFlags, RemoteFlags {
  readonly external?: boolean
  readonly output: string
}

interface Wanted {
  readonly provider: string
  readonly entity_type: string
  readonly local_id?: string
  readonly external_id?: string
}

type Row = Readonly<Record<string, unknown>>

const columns = ['id', 'provider', 'entity_type', 'local_id', 'external_id', 'created_at']
const word = /^[a-z][a-z0-9_]*$/

/** Adds what the documents know of provider mappings beyond their records: `list --provider` and `lookup`. */
export function addProviderMappingCommands(program: Command, context: CommandContext): void {
  const mappings = program.commands.find((command) => command.name() === 'provider-mappings')
  const list = mappings?.commands.find((command) => command.name() === 'list')
  if (mappings === undefined || list === undefined) return
  list.option('--provider <name>', 'of one provider', (name: string) => {
    if (!word.test(name)) throw new InvalidArgumentError('A provider is a word such as stripe.')
    return name
  })
  // It is one more filter, and the filters are what the command reads.
  list.on('option:provider', (name: string) => {
    const filters = (list.getOptionValue('filter') as readonly string[] | undefined) ?? []
    list.setOptionValue('filter', [...filters, `provider=${name}`])
  })
  const command = mappings
    .command('lookup')
    .description('What one of our records is called at a provider')
    .argument('<provider>', 'for example stripe')
    .argument('<entity>', 'for example user')
    .argument('<id>', "our record's id; with --external the provider's")
    .option('--external', 'the other way: which record of ours an external id means')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command)).action(async (provider: string, entity: string, id: string) => {
    const flags = command.opts<LookupFlags>()
    const output = outputFormatOf(flags.output)
    const key = flags.external === true ? { external_id: id } : { local_id: id }
    const outcome = await lookUp({ provider, entity_type: entity, ...key }, flags, context)
    if (outcome.ok) writeRecord(context.terminal, output, columns, outcome.value)
    context.finish(outcome.ok ? exitCodes.done : refused(outcome, context.terminal))
  })
}

const found = (row: Row | undefined, { provider, entity_type: entity }: Wanted): Outcome<Row> =>
  row === undefined ? refuse('not_found', `${provider} knows no such ${entity}`) : accept(row)

async function lookUp(wanted: Wanted, flags: LookupFlags, context: CommandContext): Promise<Outcome<Row>> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) {
    const query = new URLSearchParams(Object.entries(wanted))
    const outcome = await readDocument(server, `/api/provider_mappings?${query}`)
    return outcome.ok ? found((outcome.value as readonly Row[])[0], wanted) : outcome
  }
  const house = await openInstance(context, flags)
  try {
    const where = Object.entries(wanted).map(([field, value]) => ({ field, op: 'eq' as const, value }))
    const { items } = await house.engine.records.list('provider_mapping', { where, limit: 1 })
    return found(items[0] === undefined ? undefined : { ...items[0] }, wanted)
  } finally {
    await house.close()
  }
}
