import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { CommandContext } from './context.ts'

/** The version of this copy of the product, as package.json says it. */
export function productVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Adds `version`. */
export function addVersionCommand(program: Command, context: CommandContext): void {
  program
    .command('version')
    .description('Print the version of APIGate and of the Node that runs it')
    .action(() =>
      context.say(
        `apigate ${productVersion()} (node ${process.versions.node}, ${process.platform}-${process.arch})`,
      ),
    )
}
