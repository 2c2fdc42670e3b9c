import { Command } from 'commander'
import { productVersion } from '#bootstrap/product-version.ts'
import { loadModuleCommands } from '#core/channel/cli/commands.ts'
import { exitCodes, type Terminal } from '#core/channel/cli/terminal.ts'
import { addAuditCommands } from './audit.ts'
import { addBackupCommands } from './backup.ts'
import { addBillingCommands, addInvoiceCommands } from './billing.ts'
import { addClockCommands } from './clock.ts'
import { addCompletionCommand } from './completion.ts'
import { type CommandContext, configOf } from './context.ts'
import { addDeclaredCommands } from './declared.ts'
import { addDemoCommand } from './demo.ts'
import { addDoctorCommand } from './doctor.ts'
import { addEmailCommands } from './emails.ts'
import { reportFailure } from './failure.ts'
import { addInitCommand } from './init.ts'
import { addJobCommands } from './jobs.ts'
import { addLoginCommands } from './login.ts'
import { addMcpCommand } from './mcp.ts'
import { addMigrateCommand } from './migrate.ts'
import { addPaperCommands } from './paper.ts'
import { addPlanCommands } from './plan-rehearse.ts'
import { createProcessTerminal } from './process-terminal.ts'
import { addProviderMappingCommands } from './provider-mappings.ts'
import { addProviderCommands } from './providers.ts'
import { addReconcileCommand } from './reconcile.ts'
import { addRecordCommands } from './records.ts'
import { addRotateEncryption } from './rotate-encryption.ts'
import { addRouteCommands } from './routes.ts'
import { addSchemaCommand } from './schema.ts'
import { addServeCommand } from './serve.ts'
import { addSettingsSet } from './settings-set.ts'
import { addSyncCommands } from './sync.ts'
import { addUsageCommand } from './usage.ts'
import { addVersionCommand } from './version.ts'
import { addWatchCommand } from './watch.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Runs one command line; answers the exit code: 0 done, 1 refused, 2 a mistake in the command line (64 for `plan`), 70 a failure. */
export async function run(
  words: readonly string[],
  env: Env,
  terminal: Terminal = createProcessTerminal(env),
): Promise<number> {
  const argv = withPlural(words)
  let exitCode: number = exitCodes.done
  const context: CommandContext = {
    env,
    terminal,
    say: (line) => terminal.write(`${line}\n`),
    finish: (code) => {
      exitCode = code
    },
  }
  try {
    const program = createProgram(context)
    const ownNames = program.commands.map((command) => command.name())
    if (needsRecords(argv, ownNames)) {
      const { moduleDirectories } = configOf({ env }, instanceFlagsIn(argv))
      const modules = await loadModuleCommands(moduleDirectories, [...ownNames, 'help'])
      context.modules = modules
      addRecordCommands(program, modules, context)
      addPlanCommands(program, context)
      addPaperCommands(program, context)
      addInvoiceCommands(program, context)
      addRouteCommands(program, context)
      addProviderMappingCommands(program, context)
      addSettingsSet(program, modules, context)
      addRotateEncryption(program, context)
    }
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    const code = reportFailure(error, terminal, env)
    // For `plan` 2 says that there is a difference.
    return code === exitCodes.usage && argv[0] === 'plan' ? usageOfPlan : code
  }
}

const usageOfPlan = 64

/** `plan list` means the records and `plan -f` the file: two things that people say in the same way. */
function withPlural(words: readonly string[]): readonly string[] {
  const [first, second = '-'] = words
  return first === 'plan' && !second.startsWith('-') ? ['plans', ...words.slice(1)] : words
}

function createProgram(context: CommandContext): Command {
  const { terminal } = context
  const program = new Command('apigate')
  program
    .description('Turns any API into a paid API.')
    .version(productVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: terminal.write,
      writeErr: terminal.note,
      outputError: (text, write) => write(`${text.trim().replace(/\s*\n\s*/g, ' ')}\n`),
      getOutHelpWidth: () => terminal.width ?? 110,
      getErrHelpWidth: () => terminal.width ?? 110,
    })
  program.commandsGroup('Run:')
  addServeCommand(program, context)
  addDemoCommand(program, context)
  addMcpCommand(program, context)
  program.commandsGroup('Set up and look after:')
  addInitCommand(program, context)
  addDoctorCommand(program, context)
  addMigrateCommand(program, context)
  addBackupCommands(program, context)
  addSchemaCommand(program, context)
  addVersionCommand(program, context)
  addLoginCommands(program, context)
  addClockCommands(program, context)
  addCompletionCommand(program, context)
  addProviderCommands(program, context)
  program.commandsGroup('Configuration as a file:')
  addDeclaredCommands(program, context)
  program.commandsGroup('Look at:')
  addJobCommands(program, context)
  addSyncCommands(program, context)
  addReconcileCommand(program, context)
  addWatchCommand(program, context)
  addEmailCommands(program, context)
  addUsageCommand(program, context)
  addBillingCommands(program, context)
  addAuditCommands(program, context)
  return program
}

/** The commands of the modules are made from YAML, which those that do not use them need not wait for. */
function needsRecords(argv: readonly string[], ownNames: readonly string[]): boolean {
  const word = argv[0]
  return word === undefined || word === 'completion' || !ownNames.includes(word)
}

/** The commands depend on the folder of modules, so the flags that name it are read before commander can read any. */
function instanceFlagsIn(argv: readonly string[]): { data?: string; modules?: string } {
  const textAfter = (flag: string): string | undefined => {
    const at = argv.indexOf(flag)
    if (at !== -1) return argv[at + 1]
    return argv.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1)
  }
  const data = textAfter('--data')
  const modules = textAfter('--modules')
  return { ...(data === undefined ? {} : { data }), ...(modules === undefined ? {} : { modules }) }
}
