import type { House } from '#bootstrap/open-house.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import type { Terminal } from '#core/channel/cli/terminal.ts'
import { type CommandContext, configOf, type InstanceFlags } from './context.ts'

/** Opens the instance that the flags name; what it has to say stands on standard error, so that the result stays alone. */
export async function openInstance(context: CommandContext, flags: InstanceFlags): Promise<House> {
  const config = configOf(context, flags)
  const { openHouse } = await import('#bootstrap/open-house.ts')
  return openHouse(config, { log: logTo(context.terminal) })
}

/** A log whose warnings a person reads on standard error. */
export function logTo(terminal: Pick<Terminal, 'note'>): House['log'] {
  const tell = (_fields: object, message: string): void => terminal.note(`warning: ${safeText(message)}\n`)
  return { debug: () => undefined, info: () => undefined, warn: tell, error: tell }
}
