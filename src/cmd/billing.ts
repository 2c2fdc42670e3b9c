import type { Command } from 'commander'
import type { House } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { outputFormatOf, outputFormats, writeBody, writeRows } from '#core/channel/cli/output.ts'
import { readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'
import { readText } from '#core/channel/cli/remote-text.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { addBillingExport } from './billing-export.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import type { Ways } from './provider-ways.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Flags = InstanceFlags & RemoteFlags & { readonly output: string }
type Fields = Readonly<Record<string, unknown>>
type Show = (value: unknown, context: CommandContext) => boolean

const mostInvoices = 100
const invoiceColumns = [
  'number',
  'organization_id',
  'status',
  'period_start',
  'total',
  'amount_due',
  'currency',
  'due_at',
]
const empty = { contentType: 'application/json', text: '{}' }
const invoice = (id: string): string => `/admin/billing/invoices/${encodeURIComponent(id)}`

/** Adds `billing run|preview|invoices|verify|events` and `billing ledger check`. */
export function addBillingCommands(program: Command, context: CommandContext): void {
  const billing = program
    .command('billing')
    .description('Invoices from usage, and the ledger')
    .helpCommand(false)
  add(billing.command('run'), 'Do now what the biller does every hour', context, {
    ways: () => ({
      remote: (server) => sendDocument(server, '/admin/billing/run', empty),
      local: async (house) => {
        await house.drainUsage()
        const run = await house.billing.run()
        return run === 'busy' ? refuse('conflict', 'The biller runs already') : accept(run)
      },
    }),
    show: showCounts,
  })
  add(
    billing.command('preview').argument('<subscription>', 'its id'),
    'What the running period of a subscription comes to so far',
    context,
    {
      ways: (id) => ({
        remote: (server) =>
          readDocument(server, `/admin/billing/subscriptions/${encodeURIComponent(id)}/preview`),
        local: (house) => house.billing.show(id),
      }),
      show: showPreview,
    },
  )
  add(billing.command('invoices'), 'The youngest invoices, a hundred of them', context, {
    ways: () => ({
      remote: (server) => readDocument(server, `/api/invoices?sort=-created_at&limit=${mostInvoices}`),
      local: async (house) => {
        const query = { sort: { field: 'created_at', descending: true }, limit: mostInvoices }
        const listed = await house.engine.list({ actor: systemActor, module: 'invoice', query })
        return listed.ok ? accept(listed.value.items) : listed
      },
    }),
    show: showInvoices,
  })
  addVerify(billing, context)
  addEvents(billing, context)
  addBillingExport(billing, context)
  const ledger = billing.command('ledger').description('The double-entry ledger').helpCommand(false)
  add(ledger.command('check'), 'Recount every entry and every account', context, {
    ways: () => ({
      remote: (server) => readDocument(server, '/admin/billing/ledger'),
      local: (house) => house.billing.checkLedger(),
    }),
    show: showLedger,
  })
}

/** Adds `invoices verify`, which is `billing verify` under the name of what it is about. */
export function addInvoiceCommands(program: Command, context: CommandContext): void {
  const invoices = program.commands.find((command) => command.name() === 'invoices')
  if (invoices !== undefined) addVerify(invoices, context)
}

function addVerify(parent: Command, context: CommandContext): void {
  const command = parent.command('verify').argument('<invoice>', 'its id or number')
  add(command, 'Work an invoice out again from the raw events', context, {
    ways: (id) => ({
      remote: (server) => readDocument(server, `${invoice(id)}/verify`),
      local: (house) => house.billing.verify(id),
    }),
    show: showChecks,
  })
}

/** One command that answers a document; it ends with 1 where what it shows is not as it should be. */
function add(
  command: Command,
  description: string,
  context: CommandContext,
  what: { readonly ways: (id: string) => Ways; readonly show: Show },
): void {
  command.description(description).option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command)).action(async () => {
    const flags = command.opts<Flags>()
    const output = outputFormatOf(flags.output)
    const outcome = await ask(context, flags, what.ways(command.args[0] ?? ''))
    if (!outcome.ok) return context.finish(refused(outcome, context.terminal))
    if (output !== 'table') writeBody(context.terminal, output, outcome.value)
    const isRight =
      output === 'table' ? what.show(outcome.value, context) : (outcome.value as Fields)['ok'] !== false
    context.finish(isRight ? exitCodes.done : exitCodes.refused)
  })
}

async function ask(context: CommandContext, flags: Flags, ways: Ways): Promise<Outcome<unknown>> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) return ways.remote(server)
  const house = await openInstance(context, flags)
  try {
    return await ways.local(house)
  } finally {
    await house.close()
  }
}

function addEvents(billing: Command, context: CommandContext): void {
  const events = billing
    .command('events')
    .description(
      'The usage events behind an invoice, to standard output; their SHA-256 stands on the invoice',
    )
    .argument('<invoice>', 'its id or number')
  addRemoteFlags(addInstanceFlags(events)).action(async (id: string) => {
    const flags = events.opts<Flags>()
    const server = serverOf(flags, context.env)
    if (server !== undefined) return write(context, readText(server, `${invoice(id)}/events`))
    const house = await openInstance(context, flags)
    try {
      await writeEvents(house, id, context)
    } finally {
      await house.close()
    }
  })
}

async function writeEvents(house: House, id: string, context: CommandContext): Promise<void> {
  const set = await house.billing.eventSets(id)
  if (set.ok) await write(context, set.value.text)
  else context.finish(refused(set, context.terminal))
}

async function write({ terminal }: CommandContext, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) terminal.write(piece)
}

const showInvoices: Show = (value, { terminal }) => {
  writeRows(terminal, 'table', invoiceColumns, value as readonly Fields[])
  return true
}

const showCounts: Show = (value, context) => {
  const counts = Object.entries(value as Fields).filter(([, count]) => count !== 0)
  context.say(
    counts.length === 0 ? 'nothing was due' : counts.map(([what, count]) => `${what} ${count}`).join(', '),
  )
  return (value as Fields)['failed'] === 0
}

const showPreview: Show = (value, context) => {
  const { lines, total_amount: total, currency, period_start: start, period_end: end } = value as Fields
  const columns = ['kind', 'description', 'quantity', 'unit_price', 'amount']
  writeRows(context.terminal, 'table', columns, lines as Fields[])
  context.say(`${total} ${currency} for ${start} to ${end}`)
  return true
}

const showChecks: Show = (value, context) => {
  const { checks, ok, number } = value as Fields & { readonly checks: readonly Fields[] }
  const rows = checks.map((check) => ({ ...check, ok: check['ok'] === true ? 'yes' : 'NO' }))
  writeRows(context.terminal, 'table', ['check', 'stored', 'recomputed', 'ok'], rows)
  context.say(ok === true ? `${number} comes out again` : `${number} does NOT come out again`)
  return ok === true
}

const showLedger: Show = (value, context) => {
  const { ok, entries, rows, unbalanced, drifted } = value as Fields & { readonly drifted: readonly Fields[] }
  for (const key of unbalanced as readonly string[]) context.say(`out of balance: ${key}`)
  if (drifted.length > 0)
    writeRows(context.terminal, 'table', ['account', 'currency', 'balance', 'summed'], drifted)
  context.say(`${entries} entries with ${rows} rows: ${ok === true ? 'balanced' : 'NOT balanced'}`)
  return ok === true
}
