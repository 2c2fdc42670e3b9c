import type { Command } from 'commander'
import { readDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import type { CommandContext } from './context.ts'
import { savedLogins, serverName } from './saved-logins.ts'

interface LoginFlags {
  readonly server?: string
  readonly token?: string
}

/** Adds `login` and `logout`. */
export function addLoginCommands(program: Command, context: CommandContext): void {
  const login = program
    .command('login')
    .description('Keep an operator token for a server, so that commands with --server need none')
    .option('--server <url>', 'the server (env APIGATE_SERVER)')
    .option('--token <token>', 'the token; - reads it from standard input (env APIGATE_TOKEN)')
  login.action(async () => context.finish(await keep(login.opts<LoginFlags>(), context)))
  const logout = program
    .command('logout')
    .description('Forget the token of a server, or all tokens; the tokens themselves stay valid')
    .option('--server <url>', 'only of this server')
  logout.action(() => {
    const { server } = logout.opts<LoginFlags>()
    const count = loginsOf(context).forget(server)
    context.terminal.note(`${count} ${count === 1 ? 'token' : 'tokens'} forgotten\n`)
  })
}

async function keep(flags: LoginFlags, context: CommandContext): Promise<number> {
  const url = flags.server ?? context.env['APIGATE_SERVER'] ?? ''
  if (url === '') throw new UsageError('which server? give --server or set APIGATE_SERVER')
  const given = flags.token ?? context.env['APIGATE_TOKEN'] ?? '-'
  const token = given === '-' ? (await context.terminal.readInput()).trim() : given
  if (token === '') throw new UsageError('the token is empty: give --token, or write it to standard input')
  const logins = loginsOf(context)
  const who = await readDocument({ url, token }, '/admin/me')
  if (!who.ok) return refused(who, context.terminal)
  logins.save(url, token)
  const { role } = who.value as { role?: unknown }
  context.terminal.note(
    `${safeText(serverName(url))}: logged in as ${safeText(String(role))}; kept in ${logins.file}\n`,
  )
  return exitCodes.done
}

function loginsOf({ env }: CommandContext) {
  const logins = savedLogins(env)
  if (logins === undefined) throw new UsageError('there is no place to keep it: set HOME or XDG_CONFIG_HOME')
  return logins
}
