import type { Command } from 'commander'
import { addServerFlags, type CommandContext, configOf, type ServerFlags } from './context.ts'
import { closeOnSignal } from './stop-signal.ts'

/** Adds `serve`. */
export function addServeCommand(program: Command, context: CommandContext): void {
  const command = program.command('serve').description('Run the gateway and the control plane until stopped')
  addServerFlags(command)
    .option('--workers <number>', 'threads that answer requests, or auto (env APIGATE_WORKERS; default: 1)')
    .action(async () => {
      const config = configOf(context, command.opts<ServerFlags>())
      const { serve } = await import('#bootstrap/serve.ts')
      const running = await serve(config)
      const note = (line: string): void => context.terminal.note(`${line}\n`)
      // Whoever reads that it answers may stop it at once: the signal has to be awaited before.
      const stopped = closeOnSignal(running, note)
      note(greeting(running).join('\n'))
      await stopped
    })
}

function greeting(running: {
  readonly url: string
  readonly gatewayUrl: string
  readonly firstToken: string | undefined
  readonly setupToken: string | undefined
}): readonly string[] {
  const token =
    running.firstToken === undefined
      ? []
      : [
          `Operator token: ${running.firstToken}`,
          'Keep it now: it is not shown again. It opens /api, and the command line with --server.',
        ]
  const gateway = running.gatewayUrl === running.url ? [] : [`The gateway answers on ${running.gatewayUrl}`]
  const setup =
    running.setupToken === undefined
      ? []
      : [
          `Nobody has an account yet. Open ${running.url}/ui/setup and paste this, within a day and once:`,
          `  ${running.setupToken}`,
        ]
  return [...token, ...setup, ...gateway, `APIGate answers on ${running.url}`]
}
