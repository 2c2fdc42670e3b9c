import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import { addRouteImport } from './route-import.ts'
import { addRouteTest } from './route-test.ts'

/** Adds what can be done with routes beyond their records: `routes test` and `routes import`. */
export function addRouteCommands(program: Command, context: CommandContext): void {
  const routes = program.commands.find(
    (command) => command.aliases().includes('route') || command.name() === 'routes',
  )
  if (routes === undefined) return
  addRouteTest(routes, context)
  addRouteImport(routes, context)
}
