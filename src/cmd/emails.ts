import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { accept } from '#contract/outcome.ts'
import { outputFormatOf, outputFormats, writeRows } from '#core/channel/cli/output.ts'
import { readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import type { Ways } from './provider-ways.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Flags = InstanceFlags & RemoteFlags
type Part = 'subject' | 'text' | 'html'

const parts: readonly string[] = ['subject', 'text', 'html'] satisfies Part[]
const addressOf = (template: string): string => `/admin/emails/${encodeURIComponent(template)}`

/** Adds `emails`: what there is, how one looks, and sending one as a test. */
export function addEmailCommands(program: Command, context: CommandContext): void {
  const emails = program
    .command('emails')
    .description('E-mails to people: what there is, how one looks, and sending one as a test')
    .helpCommand(false)
  const list = emails
    .command('list')
    .description('Every kind of e-mail')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(list)).action(async () => {
    const flags = list.opts<Flags & { output: string }>()
    const output = outputFormatOf(flags.output)
    const ways: Ways = {
      remote: (server) => readDocument(server, '/admin/emails'),
      local: async ({ mails }) => accept(mails.preview.list()),
    }
    await finish(context, flags, ways, (rows) =>
      writeRows(
        context.terminal,
        output,
        ['template', 'description'],
        rows as readonly Readonly<Record<string, unknown>>[],
      ),
    )
  })
  addPreview(emails, context)
  addTest(emails, context)
}

function addPreview(emails: Command, context: CommandContext): void {
  const preview = emails
    .command('preview')
    .description('An e-mail with sample data')
    .argument('<template>', 'for example welcome')
    .option('--part <part>', 'subject, text or html', 'text')
  addRemoteFlags(addInstanceFlags(preview)).action(async (template: string) => {
    const flags = preview.opts<Flags & { part: string }>()
    if (!parts.includes(flags.part))
      throw new UsageError(`--part is one of ${parts.join(', ')}, not "${flags.part}"`)
    const ways: Ways = {
      remote: (server) => readDocument(server, addressOf(template)),
      local: ({ mails }) => mails.preview.show(template),
    }
    await finish(context, flags, ways, (value) => {
      const shown = String((value as Record<Part, unknown>)[flags.part as Part])
      context.say(shown.trimEnd().split('\n').map(safeText).join('\n'))
    })
  })
}

function addTest(emails: Command, context: CommandContext): void {
  const test = emails
    .command('test')
    .description('Send an e-mail with sample data; it goes out as soon as the instance serves')
    .argument('<template>', 'for example welcome')
    .requiredOption('--to <address>', 'where it goes')
  addRemoteFlags(addInstanceFlags(test)).action(async (template: string) => {
    const flags = test.opts<Flags & { to: string }>()
    const document = { contentType: 'application/json', text: JSON.stringify({ to: flags.to }) }
    const ways: Ways = {
      remote: (server) => sendDocument(server, `${addressOf(template)}/test`, document),
      local: ({ mails }) => mails.preview.test({ template, to: flags.to, key: randomUUID() }),
    }
    await finish(context, flags, ways, () =>
      context.say(`${template} is on its way to ${safeText(flags.to)}`),
    )
  })
}

async function finish(
  context: CommandContext,
  flags: Flags,
  ways: Ways,
  show: (value: unknown) => void,
): Promise<void> {
  const server = serverOf(flags, context.env)
  if (server !== undefined) return settle(context, await ways.remote(server), show)
  const house = await openInstance(context, flags)
  try {
    settle(context, await ways.local(house), show)
  } finally {
    await house.close()
  }
}

function settle(
  context: CommandContext,
  outcome: Awaited<ReturnType<Ways['local']>>,
  show: (value: unknown) => void,
): void {
  if (outcome.ok) show(outcome.value)
  context.finish(outcome.ok ? exitCodes.done : refused(outcome, context.terminal))
}
