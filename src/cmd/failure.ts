import { CommanderError } from 'commander'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes, type Terminal } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'

type Explain = (error: NodeJS.ErrnoException & { readonly port?: number }) => string

const explanations: Readonly<Record<string, Explain>> = {
  EACCES: (error) => `no permission for ${error.path ?? 'this'}: run as the owner or choose another place`,
  EADDRINUSE: (error) =>
    `port ${error.port ?? ''} is in use: end what listens there or choose another with --port`,
  EADDRNOTAVAIL: () => 'this machine does not have the address to listen on: choose another with --host',
  ENOSPC: (error) =>
    `the disk is full${error.path === undefined ? '' : ` at ${error.path}`}: make room and start again`,
  EROFS: (error) => `${error.path ?? 'the disk'} can only be read: choose another place with --data`,
}

/** Tells a failure in one line on standard error, with the stack only where APIGATE_DEBUG=1 asks for it; answers the exit code. */
export function reportFailure(
  error: unknown,
  terminal: Pick<Terminal, 'note'>,
  env: Readonly<Record<string, string | undefined>>,
): number {
  // Commander has said its line already; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  for (const line of failureText(error).split('\n')) terminal.note(`error: ${safeText(line)}\n`)
  if (env['APIGATE_DEBUG'] === '1' && error instanceof Error)
    terminal.note(`${error.stack}\n${causes(error)}`)
  return error instanceof UsageError ? exitCodes.usage : exitCodes.fault
}

/** The sentence for a failure: its own where it was made for people, else what its system code means. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name.endsWith('Fault') || error instanceof UsageError) return error.message
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    const explain = code === undefined ? undefined : explanations[code]
    if (explain !== undefined) return explain(at)
  }
  return error.message.split('\n')[0] ?? error.name
}

function causes(error: Error): string {
  let text = ''
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    text += `caused by ${cause.stack}\n`
  return text
}
