import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { RouteTools } from '#bootstrap/route-tools.ts'
import { systemActor } from '#contract/actor.ts'
import { outputFormatOf, outputFormats, writeBody, writeRows } from '#core/channel/cli/output.ts'
import { sendDocument } from '#core/channel/cli/remote-backend.ts'
import { refused } from '#core/channel/cli/run-action.ts'
import { safeText } from '#core/channel/cli/safe-text.ts'
import { exitCodes, type Terminal } from '#core/channel/cli/terminal.ts'
import { UsageError } from '#core/channel/cli/usage-error.ts'
import { addInstanceFlags, type CommandContext, type InstanceFlags } from './context.ts'
import { readTextFile } from './read-text-file.ts'
import { addRemoteFlags, type RemoteFlags, serverOf } from './remote.ts'
import { withRouteTools } from './route-tools.ts'

type Outcome = Awaited<ReturnType<RouteTools['importRoutes']>>
type Report = Extract<Outcome, { ok: true }>['value']

interface ImportFlags extends InstanceFlags, RemoteFlags {
  readonly upstream?: string
  readonly baseUrl?: string
  readonly prefix?: string
  readonly publicFromSecurity?: boolean
  readonly validate?: boolean
  readonly dryRun?: boolean
  readonly output: string
}

const mostBytes = 2 * 1024 * 1024

/** Adds `routes import`. */
export function addRouteImport(routes: Command, context: CommandContext): void {
  const command = routes
    .command('import')
    .description('Make an upstream and routes from an OpenAPI document, or bring them up to it')
    .argument('<file>', 'an OpenAPI 3.0 or 3.1 document, YAML or JSON')
    .option('--upstream <name>', "the upstream's name (default: the document's title)")
    .option('--base-url <url>', "where requests go (default: the document's first server)")
    .option('--prefix <path>', 'what stands before every path at the gateway, for example /weather')
    .option('--public-from-security', 'make paths public whose every operation says `security: []`')
    .option('--validate', 'check request bodies against the schemas of the document')
    .option('--dry-run', 'show what would happen, and change nothing')
    .option('--output <format>', outputFormats.join(', '), 'table')
  addRemoteFlags(addInstanceFlags(command)).action(async (file: string) => {
    context.finish(await importFile(file, command.opts<ImportFlags>(), context))
  })
}

async function importFile(file: string, flags: ImportFlags, context: CommandContext): Promise<number> {
  const output = outputFormatOf(flags.output)
  const server = serverOf(flags, context.env)
  const text = await readText(file)
  const outcome =
    server === undefined
      ? await importHere(text, flags, context)
      : ((await sendDocument(server, `/admin/routes/import?${parametersOf(flags)}`, {
          contentType: 'application/yaml; charset=utf-8',
          text,
        })) as Outcome)
  if (!outcome.ok) return refused(outcome, context.terminal)
  if (output === 'table') writeReport(outcome.value, context.terminal)
  else writeBody(context.terminal, output, outcome.value)
  return exitCodes.done
}

async function readText(file: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(file))
    throw new UsageError(`an import reads a file, not an address: download ${file} first`)
  return readTextFile(file, mostBytes)
}

const importHere = (text: string, flags: ImportFlags, context: CommandContext): Promise<Outcome> =>
  withRouteTools(context, flags, (tools) =>
    tools.importRoutes({
      text,
      choices: {
        ...(flags.upstream === undefined ? {} : { upstream: flags.upstream }),
        ...(flags.baseUrl === undefined ? {} : { baseUrl: flags.baseUrl }),
        prefix: flags.prefix ?? '',
        isPublicFromSecurity: flags.publicFromSecurity === true,
        isValidated: flags.validate === true,
      },
      isDryRun: flags.dryRun === true,
      actor: systemActor,
      requestId: `req_${randomUUID()}`,
    }),
  )

function parametersOf(flags: ImportFlags): URLSearchParams {
  const parameters = new URLSearchParams()
  if (flags.upstream !== undefined) parameters.set('upstream', flags.upstream)
  if (flags.baseUrl !== undefined) parameters.set('base_url', flags.baseUrl)
  if (flags.prefix !== undefined) parameters.set('prefix', flags.prefix)
  if (flags.publicFromSecurity === true) parameters.set('public_from_security', 'true')
  if (flags.validate === true) parameters.set('validate', 'true')
  if (flags.dryRun === true) parameters.set('dry_run', 'true')
  return parameters
}

function writeReport(report: Report, terminal: Terminal): void {
  const { upstream, routes, counts, notes } = report
  const rows = routes.map((route) => ({
    state: route.changes.length === 0 ? route.state : `${route.state}: ${route.changes.join(', ')}`,
    name: route.name,
    methods: route.methods.join(' '),
    'path pattern': route.path_pattern,
    access: route.auth_required ? 'key' : 'public',
  }))
  writeRows(terminal, 'table', ['state', 'name', 'methods', 'path pattern', 'access'], rows)
  terminal.note(`upstream ${safeText(upstream.name)} (${upstream.state}): ${safeText(upstream.base_url)}\n`)
  for (const { field, line, reason } of notes)
    terminal.note(
      `note: ${safeText(field)}${line === undefined ? '' : ` (line ${line})`} ${safeText(reason)}\n`,
    )
  const sums = Object.entries(counts).filter(([, count]) => count > 0)
  const did = report.dry_run ? 'would be: ' : ''
  terminal.note(`${did}${sums.map(([state, count]) => `${count} ${state}`).join(', ')}\n`)
  if (counts.obsolete > 0) terminal.note('obsolete routes are still served: delete them by hand\n')
}
