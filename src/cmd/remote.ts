import type { Command } from 'commander'
import type { RemoteServer } from '#core/channel/cli/remote-backend.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import type { InstanceFlags } from './context.ts'
import { savedLogins } from './saved-logins.ts'

/** The flags that send a command to a running server instead of the instance's own files. */
export interface RemoteFlags {
  readonly server?: string
  readonly token?: string
}

/** Adds the flags that send a command to a server. */
export function addRemoteFlags(command: Command): Command {
  return command
    .option('--server <url>', 'ask a running server instead (env APIGATE_SERVER)')
    .option('--token <token>', 'operator token for the server (env APIGATE_TOKEN)')
}

/** The server that flags and environment name; undefined means the instance's own files, also where a flag names those. */
export function serverOf(
  flags: RemoteFlags & InstanceFlags,
  env: Readonly<Record<string, string | undefined>>,
): RemoteServer | undefined {
  const isLocal = flags.data !== undefined || flags.db !== undefined
  if (isLocal && flags.server !== undefined) {
    throw new UsageError('--server asks a server and --data or --db reads files: leave one out')
  }
  if (isLocal) return undefined
  const url = flags.server ?? env['APIGATE_SERVER'] ?? ''
  if (url === '') return undefined
  // A token that was given goes before one that was kept.
  const token = flags.token ?? (env['APIGATE_TOKEN'] || savedLogins(env)?.tokenOf(url)) ?? ''
  if (token === '')
    throw new UsageError(
      `${url} wants an operator token: give --token, set APIGATE_TOKEN, or keep one with \`apigate login\``,
    )
  return { url, token }
}
