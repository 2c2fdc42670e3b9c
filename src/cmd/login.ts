import type { Command } from 'commander'
import { accept, type Outcome } from '#contract/outcome.ts'
import { readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import type { CommandContext } from './context.ts'
import { savedLogins, serverName } from './saved-logins.ts'

interface LoginFlags {
  readonly server?: string
  readonly token?: string
  readonly email?: string
  readonly code?: string
}

/** Adds `login` and `logout`. */
export function addLoginCommands(program: Command, context: CommandContext): void {
  const login = program
    .command('login')
    .description('Keep a token for a server, so that commands with --server need none')
    .option('--server <url>', 'the server (env APIGATE_SERVER)')
    .option('--token <token>', 'the token; - reads it from standard input (env APIGATE_TOKEN)')
    .option('--email <address>', 'sign in as a person instead; the password is read from standard input')
    .option('--code <code>', 'of the second factor, with --email')
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
  const logins = loginsOf(context)
  const known = await (flags.email === undefined
    ? tokenOf(flags, url, context)
    : signIn(flags, flags.email, url, context))
  if (!known.ok) return refused(known, context.terminal)
  const { token, name } = known.value
  logins.save(url, token)
  context.terminal.note(
    `${safeText(serverName(url))}: logged in as ${safeText(name)}; kept in ${logins.file}\n`,
  )
  return exitCodes.done
}

interface Known {
  readonly token: string
  readonly name: string
}

/** A token that somebody has already: an operator's, or a person's, which has three parts. */
async function tokenOf(flags: LoginFlags, url: string, context: CommandContext): Promise<Outcome<Known>> {
  const given = flags.token ?? context.env['APIGATE_TOKEN'] ?? '-'
  const token = given === '-' ? (await context.terminal.readInput()).trim() : given
  if (token === '') throw new UsageError('the token is empty: give --token, or write it to standard input')
  const isPerson = token.split('.').length === 3
  const who = await readDocument({ url, token }, isPerson ? '/api/v1/auth/me' : '/admin/me')
  if (!who.ok) return who
  const { role, user } = who.value as { role?: unknown; user?: { email?: unknown } }
  return accept({ token, name: String(isPerson ? user?.email : role) })
}

async function signIn(
  { code, token }: LoginFlags,
  email: string,
  url: string,
  context: CommandContext,
): Promise<Outcome<Known>> {
  if (token !== undefined) throw new UsageError('give --token or --email, not both')
  const password = (await context.terminal.readInput()).replace(/\r?\n$/, '')
  if (password === '') throw new UsageError('the password is empty: write it to standard input')
  const text = JSON.stringify(code === undefined ? { email, password } : { email, password, code })
  const document = { contentType: 'application/json', text }
  const answer = await sendDocument({ url, token: '' }, '/api/v1/auth/login', document)
  return answer.ok
    ? accept({ token: String((answer.value as { token?: unknown }).token), name: email })
    : answer
}

function loginsOf({ env }: CommandContext) {
  const logins = savedLogins(env)
  if (logins === undefined) throw new UsageError('there is no place to keep it: set HOME or XDG_CONFIG_HOME')
  return logins
}
