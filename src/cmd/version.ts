import type { Command } from 'commander'
import { productVersion } from '#bootstrap/product-version.ts'
import type { CommandContext } from './context.ts'

/** Adds `version`. */
export function addVersionCommand(program: Command, context: CommandContext): void {
  program
    .command('version')
    .description('Print the version of APIGate and of the Node that runs it')
    .action(() => {
      const machine = `${process.platform}-${process.arch}`
      context.say(`apigate ${productVersion()} (node ${process.versions.node}, ${machine})`)
    })
}
