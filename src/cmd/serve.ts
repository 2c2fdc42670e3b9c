import type { Command } from 'commander'
import { serve } from '#bootstrap/serve.ts'
import { addServerFlags, type CommandContext, configOf, type ServerFlags } from './context.ts'
import { closeOnSignal } from './stop-signal.ts'

/** Adds `serve`. */
export function addServeCommand(program: Command, context: CommandContext): void {
  const command = program.command('serve').description('Run the gateway and the control plane until stopped')
  addServerFlags(command).action(async () => {
    const config = configOf(context, command.opts<ServerFlags>())
    const note = (line: string): void => context.terminal.note(`${line}\n`)
    const server = await serve(config)
    note(`APIGate answers on ${server.url}`)
    if (server.gatewayUrl !== server.url) note(`The gateway answers on ${server.gatewayUrl}`)
    if (server.firstToken !== undefined) {
      note('')
      note(`Operator token: ${server.firstToken}`)
      note('Keep it now: it is not shown again. It opens /api and the command line with --server.')
      note('')
    }
    await closeOnSignal(server, note)
  })
}
