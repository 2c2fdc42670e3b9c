import type { Command } from 'commander'
import { demo } from '#bootstrap/demo.ts'
import { addServerFlags, type CommandContext, configOf, type ServerFlags } from './context.ts'
import { closeOnSignal } from './stop-signal.ts'

/** Adds `demo`. */
export function addDemoCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('demo')
    .description('Run everything at once: a sample API behind the gateway, with a plan, a customer and a key')
  addServerFlags(command).action(async () => {
    const running = await demo(configOf(context, command.opts<ServerFlags>()), context.say)
    await closeOnSignal(running, context.say)
  })
}
