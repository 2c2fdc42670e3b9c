import type { Command } from 'commander'
import { addServerFlags, type CommandContext, configOf, type ServerFlags } from './context.ts'
import { closeOnSignal } from './stop-signal.ts'

/** Adds `demo`. */
export function addDemoCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('demo')
    .description('Run everything at once: a sample API behind the gateway, with a plan, a customer and a key')
  addServerFlags(command).action(async () => {
    const config = configOf(context, command.opts<ServerFlags>())
    const { demo } = await import('#bootstrap/demo.ts')
    const running = await demo(config, context.say)
    const stopped = closeOnSignal(running, context.say)
    for (const line of running.introduction) context.say(line)
    await stopped
  })
}
