import type { Command } from 'commander'
import { followEvents, type LiveMessage } from '#core/channel/cli/follow-events.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { safeDocument, safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import type { CommandContext } from './context.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

interface WatchFlags extends RemoteFlags {
  readonly since?: string
  readonly events?: string
  readonly output: string
}

/** Adds `watch`: what happens to the records of a module, a line each, as a running server tells it. */
export function addWatchCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('watch')
    .description('Tell what happens to the records of a module, as it happens on a running server')
    .argument('<module>', 'for example plans')
    .option('--since <event>', 'go on after this event; `first` begins with the oldest that is kept')
    .option('--events <number>', 'stop after so many; without it Ctrl-C does')
    .option('--output <format>', 'table, or json for the messages as they come', 'table')
  addRemoteFlags(command).action(async (module: string) => {
    const flags = command.opts<WatchFlags>()
    const server = serverOf(flags, context.env)
    if (server === undefined)
      throw new UsageError('watch listens to a running server: give --server, or set APIGATE_SERVER')
    if (flags.output !== 'table' && flags.output !== 'json')
      throw new UsageError('--output is table or json here')
    let left = countOf(flags.events)
    const stopping = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
    const outcome = await followEvents(server, {
      module,
      ...(flags.since === undefined ? {} : { since: encodeURIComponent(flags.since) }),
      signal: stopping.signal,
      onMessage(message) {
        const line = flags.output === 'json' ? safeDocument(JSON.stringify(message)) : lineOf(message)
        context.terminal.write(`${line}\n`)
        left -= 1
        return left > 0
      },
      onLost: (reason) => context.terminal.note(`connection lost (${safeText(reason)}): connecting again\n`),
    })
    context.finish(outcome.ok ? exitCodes.done : refused(outcome, context.terminal))
  })
}

function countOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new UsageError(`--events is a number above 0, not "${text}"`)
  return Number(text)
}

const lineOf = ({ at, event, data }: LiveMessage): string => safeText(`${at}  ${event}  ${data['id']}`)
