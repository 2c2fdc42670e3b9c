import { Fault } from '#contract/outcome.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import type { CommandContext } from './context.ts'

/** What the one who called can mend: another file, another database, a server to stop. */
const refusals: ReadonlySet<string> = new Set(['conflict', 'not_found', 'validation_error'])

/** Runs a command on a whole database; what is refused there with a reason ends it with 1, as a refused record does. */
export async function refusing(context: CommandContext, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Fault) || !refusals.has(error.code)) throw error
    context.terminal.note(`error: ${safeText(error.message.replaceAll('\n', ' '))}\n`)
    context.finish(exitCodes.refused)
  }
}
