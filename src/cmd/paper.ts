import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { House } from '#bootstrap/open-house.ts'
import { accept, type Outcome } from '#contract/outcome.ts'
import { readFile } from '#core/channel/cli/remote-file.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

interface Flags extends InstanceFlags, RemoteFlags {
  readonly out: string
}

/** One document: where a server has it, and how an instance prints it. */
interface Document {
  readonly command: string
  readonly name: string
  readonly description: string
  readonly path: (id: string) => string
  readonly print: keyof House['billing']['papers']
}

const invoice = (id: string): string => `/admin/billing/invoices/${encodeURIComponent(id)}`
const documents: readonly Document[] = [
  {
    command: 'invoices',
    name: 'pdf',
    description: 'An invoice as PDF',
    path: (id) => `${invoice(id)}/pdf`,
    print: 'invoice',
  },
  {
    command: 'invoices',
    name: 'receipt',
    description: 'The receipt of a paid invoice as PDF',
    path: (id) => `${invoice(id)}/receipt`,
    print: 'receipt',
  },
  {
    command: 'credit-notes',
    name: 'pdf',
    description: 'A credit note as PDF',
    path: (id) => `/admin/billing/credit-notes/${encodeURIComponent(id)}/pdf`,
    print: 'creditNote',
  },
]

/** Adds `invoices pdf`, `invoices receipt` and `credit-notes pdf`. */
export function addPaperCommands(program: Command, context: CommandContext): void {
  for (const document of documents) {
    const parent = program.commands.find((command) => command.name() === document.command)
    if (parent === undefined) continue
    const command = parent
      .command(document.name)
      .description(document.description)
      .argument('<id>', 'its id or number')
      .requiredOption('--out <file>', 'where to write it')
    addRemoteFlags(addInstanceFlags(command)).action(async (id: string) => {
      const flags = command.opts<Flags>()
      const printed = await fetchDocument(document, id, flags, context)
      if (!printed.ok) return context.finish(refused(printed, context.terminal))
      write(flags.out, printed.value)
      context.say(`${flags.out}: ${printed.value.byteLength} bytes`)
      context.finish(exitCodes.done)
    })
  }
}

async function fetchDocument(
  { path, print }: Document,
  id: string,
  flags: Flags,
  context: CommandContext,
): Promise<Outcome<Uint8Array>> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) return readFile(server, path(id))
  const house = await openInstance(context, flags)
  try {
    const printed = await house.billing.papers[print](id)
    return printed.ok ? accept(printed.value.bytes) : printed
  } finally {
    await house.close()
  }
}

function write(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { mode: 0o600 })
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}`)
  }
}
