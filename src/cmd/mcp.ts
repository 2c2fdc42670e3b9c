import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { systemActor } from '#contract/actor.ts'
import { exchangeMessage } from '#core/channel/cli/remote-backend.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Message = Readonly<Record<string, unknown>>
type Answer = (message: Message) => Promise<object | undefined>

const mostLineCharacters = 1024 * 1024

/** Adds `mcp`. */
export function addMcpCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('mcp')
    .description(
      'Offer everything as tools to an agent, over standard input and output (Model Context Protocol)',
    )
  addRemoteFlags(addInstanceFlags(command)).action(async () => {
    const flags = command.opts<InstanceFlags & RemoteFlags>()
    const server = serverOf(flags, context.env)
    if (server !== undefined) {
      await speak((message) => exchangeMessage(server, '/api/mcp', message), context)
      return
    }
    const house = await openInstance(context, flags)
    try {
      const { openMcp } = await import('#bootstrap/open-mcp.ts')
      const mcp = openMcp(house)
      const caller = () => ({ actor: systemActor, requestId: `req_${randomUUID()}` })
      await speak((message) => mcp.answer(message, caller()), context)
    } finally {
      await house.close()
    }
  })
}

/** One message a line, answered in their order, until the other side closes. */
async function speak(answer: Answer, context: CommandContext): Promise<void> {
  const tell = (message: object): void => context.terminal.write(`${JSON.stringify(message)}\n`)
  const broken = { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'The line is no JSON object' } }
  let held = ''
  process.stdin.setEncoding('utf8')
  for await (const text of process.stdin) {
    held += String(text)
    const lines = held.split('\n')
    held = lines.pop() ?? ''
    if (held.length > mostLineCharacters) {
      context.terminal.note(`error: a line is longer than ${mostLineCharacters} characters\n`)
      context.finish(exitCodes.refused)
      return
    }
    for (const line of lines.filter((one) => one.trim() !== '')) {
      const message = parsed(line)
      const answered = message === undefined ? broken : await answer(message)
      if (answered !== undefined) tell(answered)
    }
  }
}

function parsed(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Message)
      : undefined
  } catch {
    return undefined
  }
}
