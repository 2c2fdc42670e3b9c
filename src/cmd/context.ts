import { type Command, Option } from 'commander'
import { type Config, type ConfigOverrides, readConfig } from '#bootstrap/config.ts'
import type { ModuleCommand } from '#core/channel/cli/commands.ts'
import type { Terminal } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'

/** What every command is given: the environment, the terminal, and where it leaves its exit code. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  /** Lines for people, while something is going on. */
  say(line: string): void
  finish(exitCode: number): void
  /** The commands of the modules, where the command line needed them. */
  modules?: readonly ModuleCommand[]
}

/** The flags that say which instance is meant, as commander hands them over. */
export interface InstanceFlags {
  readonly data?: string
  readonly db?: string
  readonly modules?: string
}

/** The flags of the commands that listen. */
export interface ServerFlags extends InstanceFlags {
  readonly port?: number
  readonly host?: string
  readonly gatewayPort?: number
  readonly logLevel?: string
  readonly workers?: string
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent']

/** Adds the flags that say which instance is meant. */
export function addInstanceFlags(command: Command): Command {
  return command
    .optionsGroup('Instance:')
    .option('--data <folder>', 'data directory of the instance (env APIGATE_DATA_DIR)')
    .option('--db <dsn>', 'database: a file, or postgres://... (env APIGATE_DATABASE_DSN)')
    .option('--modules <folder>', 'folder with modules of your own (env APIGATE_MODULES)')
}

/** Adds the flags of a command that listens. */
export function addServerFlags(command: Command): Command {
  return addInstanceFlags(
    command
      .option('--port <number>', 'port to listen on; 0 picks a free one (default: 8080)', portFlag('--port'))
      .option('--host <address>', 'address to listen on (default: 0.0.0.0)')
      .option('--gateway-port <number>', 'a port of its own for the gateway', portFlag('--gateway-port'))
      .addOption(new Option('--log-level <level>', 'what the log tells (default: info)').choices(logLevels)),
  ).optionsGroup('Options:')
}

/** Reads the configuration of the instance that the flags and the environment name; throws a UsageError. */
export function configOf(context: Pick<CommandContext, 'env'>, flags: ServerFlags): Config {
  const overrides: ConfigOverrides = {
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.gatewayPort === undefined ? {} : { gatewayPort: flags.gatewayPort }),
    ...(flags.data === undefined ? {} : { dataDirectory: flags.data }),
    ...(flags.db === undefined ? {} : { databaseDsn: flags.db }),
    ...(flags.modules === undefined ? {} : { moduleDirectory: flags.modules }),
    ...(flags.logLevel === undefined ? {} : { logLevel: flags.logLevel }),
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
  }
  const config = readConfig({ ...context.env }, overrides)
  if (!config.ok) throw new UsageError(config.message)
  return config.value
}

function portFlag(flag: string): (text: string) => number {
  return (text) => {
    const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
    if (!(port <= 65_535)) throw new UsageError(`${flag} is a number from 0 to 65535, not "${text}"`)
    return port
  }
}
