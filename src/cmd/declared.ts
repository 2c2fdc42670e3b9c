import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { openDeclared } from '#bootstrap/open-declared.ts'
import { systemActor } from '#contract/actor.ts'
import { refusedFile, valuesFor, writeDifferences } from '#core/channel/cli/declared-report.ts'
import { outputFormatOf, outputFormats, writeBody } from '#core/channel/cli/output.ts'
import { type RemoteServer, readDocument, sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { exitCodes } from '#core/channel/cli/terminal.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { openInstance } from './instance.ts'
import { readTextFile } from './read-text-file.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'

type Opened = ReturnType<typeof openDeclared>
type Outcome = Awaited<ReturnType<Opened['declared']['plan']>>

interface FileFlags extends InstanceFlags, RemoteFlags {
  readonly file: string
  readonly prune?: boolean
  readonly yes?: boolean
  readonly output: string
}

interface DumpFlags extends InstanceFlags, RemoteFlags {
  readonly keys?: boolean
  readonly schema?: boolean
}

const mostBytes = 1024 * 1024

/** Adds `plan`, `apply` and `dump`. */
export function addDeclaredCommands(program: Command, context: CommandContext): void {
  for (const name of ['plan', 'apply'] as const) {
    const command = program.command(name).description(descriptions[name])
    command
      .requiredOption('-f, --file <file>', 'the configuration file; - reads standard input')
      .option('--prune', 'remove what the file does not have, of the kinds that it has')
    if (name === 'apply') command.option('--yes', 'do not ask before removing')
    command.option('--output <format>', outputFormats.join(', '), 'table')
    addRemoteFlags(addInstanceFlags(command)).action(async () => {
      const run = name === 'plan' ? planFile : applyFile
      context.finish(await run(command.opts<FileFlags>(), context))
    })
  }
  const dump = program
    .command('dump')
    .description('Write the gateway as a configuration file')
    .option('--keys', 'API keys too, each as a reference to its value')
    .option('--schema', 'write the JSON Schema of such files instead, for editors')
  addRemoteFlags(addInstanceFlags(dump)).action(async () => {
    context.finish(await dumpFile(dump.opts<DumpFlags>(), context))
  })
}

const descriptions = {
  plan: 'Show what a configuration file would change; exit code 2 when there is a difference',
  apply: 'Bring the instance to a configuration file, all of it or nothing',
}

/** What `plan` answers its caller when the instance is not as the file says. */
const differs = 2

async function planFile(flags: FileFlags, context: CommandContext): Promise<number> {
  const { terminal } = context
  const output = outputFormatOf(flags.output)
  const outcome = await asked('plan', await readText(flags.file, context), flags, context)
  if (!outcome.ok) return refusedFile(outcome, flags.file, terminal)
  if (output === 'table') writeDifferences(terminal, outcome.value)
  else writeBody(terminal, output, outcome.value)
  return outcome.value.changes.length === 0 ? exitCodes.done : differs
}

async function applyFile(flags: FileFlags, context: CommandContext): Promise<number> {
  const { terminal } = context
  const output = outputFormatOf(flags.output)
  const text = await readText(flags.file, context)
  if (flags.prune === true && flags.yes !== true) {
    const plan = await asked('plan', text, flags, context)
    if (!plan.ok) return refusedFile(plan, flags.file, terminal)
    const { delete: count } = plan.value.counts
    if (count > 0) {
      if (terminal.confirm === undefined) {
        terminal.note(`error: this would remove ${count} and nobody is here to answer: add --yes\n`)
        return exitCodes.refused
      }
      writeDifferences(terminal, plan.value)
      if (!(await terminal.confirm(`Remove ${count}?`))) {
        terminal.note('nothing was changed\n')
        return exitCodes.refused
      }
    }
  }
  const outcome = await asked('apply', text, flags, context)
  if (!outcome.ok) return refusedFile(outcome, flags.file, terminal)
  if (output === 'table') writeDifferences(terminal, outcome.value)
  else writeBody(terminal, output, outcome.value)
  return exitCodes.done
}

async function dumpFile(flags: DumpFlags, context: CommandContext): Promise<number> {
  const { terminal } = context
  const server = serverOf(flags, context.env)
  if (server !== undefined && flags.schema !== true) {
    const path = `/admin/config${flags.keys === true ? '?keys=true' : ''}`
    const outcome = await readDocument(server, path)
    if (!outcome.ok) return refused(outcome, terminal)
    terminal.write(String((outcome.value as { document?: unknown }).document))
    return exitCodes.done
  }
  return withDeclared(flags, context, async ({ declared, declaredSchema }) => {
    if (flags.schema === true) terminal.write(`${JSON.stringify(declaredSchema, null, 2)}\n`)
    else terminal.write(await declared.dump({ withKeys: flags.keys === true }))
    return exitCodes.done
  })
}

function asked(
  verb: 'plan' | 'apply',
  text: string,
  flags: FileFlags,
  context: CommandContext,
): Promise<Outcome> {
  const server = serverOf(flags, context.env)
  const values = valuesFor(text, context.env)
  const isPruning = flags.prune === true
  if (server !== undefined) return askServer(server, verb, { document: text, values, prune: isPruning })
  const request = { text, values, isPruning, actor: systemActor, requestId: `req_${randomUUID()}` }
  return withDeclared(flags, context, ({ declared }) => declared[verb](request))
}

const askServer = async (server: RemoteServer, verb: string, body: object): Promise<Outcome> =>
  (await sendDocument(server, `/admin/config/${verb}`, {
    contentType: 'application/json',
    text: JSON.stringify(body),
  })) as Outcome

async function withDeclared<T>(
  flags: InstanceFlags,
  context: CommandContext,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const house = await openInstance(context, flags)
  try {
    const { openDeclared } = await import('#bootstrap/open-declared.ts')
    return await work(openDeclared(house.engine))
  } finally {
    await house.close()
  }
}

async function readText(file: string, context: CommandContext): Promise<string> {
  if (file === '-') return context.terminal.readInput()
  return readTextFile(file, mostBytes)
}
