import type { ListMeta } from '#contract/envelope.ts'
import { accept, type Outcome, type Refusal } from '#contract/outcome.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { Action, Module } from '../../schema/module.ts'
import type { Backend, RecordPage } from './backend.ts'
import type { ActionCommand, ModuleCommand } from './commands.ts'
import { inputFrom } from './flags.ts'
import { columnsOf, type ListFlags, listParameters, shownFields } from './list-request.ts'
import { type OutputFormat, writeBody, writeRecord, writeRows } from './output.ts'
import { cellText } from './table.ts'
import { exitCodes, type Terminal } from './terminal.ts'

/** One call of a record command, as its flags say it. */
export interface ActionRequest {
  readonly id?: string
  /** By field name. */
  readonly flags: ReadonlyMap<string, string | boolean>
  /** Fields to empty. */
  readonly cleared: readonly string[]
  readonly list: ListFlags
  readonly output: OutputFormat
  readonly columns?: string
  /** `--yes`: do not ask. */
  readonly isConfirmed: boolean
}

/**
 * Runs one action and writes its result; answers the exit code. `open` is called only once the command line is known to be
 * right, so that a mistake in it touches nothing. Throws UsageError and Fault.
 */
export async function runAction(
  command: ModuleCommand,
  action: ActionCommand,
  request: ActionRequest,
  open: () => Promise<Backend>,
  terminal: Terminal,
): Promise<number> {
  const { module } = command
  if (action.action.kind === 'list') return list(module, request, open, terminal)
  const columns = request.columns === undefined ? shownFields(module) : columnsOf(module, request.columns)
  if (action.action.kind === 'get') {
    const outcome = await (await open()).get(module, request.id ?? '')
    if (!outcome.ok) return refused(outcome, terminal)
    writeRecord(terminal, request.output, columns, outcome.value)
    return exitCodes.done
  }
  const input = await inputFrom(action.flags, request.flags, request.cleared, () => terminal.readInput())
  if (!(await isWanted(command, action, request, terminal))) return exitCodes.refused
  const outcome = await (await open()).invoke(module, action.action, {
    ...(request.id === undefined ? {} : { id: request.id }),
    input,
  })
  if (!outcome.ok) return refusedFields(outcome, action, terminal)
  if (outcome.value === undefined) writeDeleted(module, request, terminal)
  else writeResult(action.action, request.output, columns, outcome.value, terminal)
  return exitCodes.done
}

/** Writes a refusal as one line and answers the exit code for it. */
export function refused(refusal: Refusal, terminal: Terminal): number {
  terminal.note(`error: ${cellText(refusalText(refusal))}\n`)
  return exitCodes.refused
}

/** The same, and how the fields at fault are written where a flag of every command has their name. */
function refusedFields(refusal: Refusal, action: ActionCommand, terminal: Terminal): number {
  const exitCode = refused(refusal, terminal)
  const { field, errors = [] } = refusal.details ?? {}
  const named = [field, ...(errors as readonly { field?: unknown }[]).map((problem) => problem.field)]
  for (const flag of action.flags.filter(({ isRenamed }) => isRenamed))
    if (named.includes(flag.field.name))
      terminal.note(`the field ${flag.field.name} is written --${flag.name} here\n`)
  return exitCode
}

/** A refusal in one line that names the fields at fault. */
function refusalText(refusal: Refusal): string {
  const several = refusal.details?.['errors']
  if (Array.isArray(several)) {
    const more = refusal.details?.['more']
    const rest = typeof more === 'number' && more > 0 ? [`and ${more} more problems`] : []
    return [...several.map(problemText), ...rest].join('; ')
  }
  const field = refusal.details?.['field']
  if (typeof field !== 'string' || refusal.message.includes(field)) return refusal.message
  return `${refusal.message} (field: ${field})`
}

function problemText(problem: unknown): string {
  const { field, reason, line } = problem as { field?: unknown; reason?: unknown; line?: unknown }
  return typeof line === 'number' ? `${field} (line ${line}) ${reason}` : `${field} ${reason}`
}

async function list(
  module: Module,
  request: ActionRequest,
  open: () => Promise<Backend>,
  terminal: Terminal,
): Promise<number> {
  const parameters = listParameters(module, request.list)
  const columns = columnsOf(module, request.columns)
  const backend = await open()
  const outcome = request.list.isAll
    ? await everything(backend, module, parameters)
    : await backend.list(module, parameters)
  if (!outcome.ok) return refused(outcome, terminal)
  const { rows, meta } = outcome.value
  writeRows(terminal, request.output, columns, rows, { meta })
  if (request.output === 'table') terminal.note(footer(module, rows, meta))
  return exitCodes.done
}

async function everything(
  backend: Backend,
  module: Module,
  first: URLSearchParams,
): Promise<Outcome<RecordPage>> {
  const rows: Row[] = []
  const parameters = new URLSearchParams(first)
  let cursor: string | null = null
  let total: number | undefined
  do {
    const page = await backend.list(module, parameters)
    if (!page.ok) return page
    rows.push(...page.value.rows)
    total ??= page.value.meta.total
    cursor = page.value.meta.next_cursor
    parameters.delete('count')
    parameters.set('cursor', cursor ?? '')
  } while (cursor !== null)
  const meta = { limit: rows.length, has_more: false, next_cursor: null }
  return accept({ rows, meta: total === undefined ? meta : { ...meta, total } })
}

function footer(module: Module, rows: readonly Row[], meta: ListMeta): string {
  const parts = [
    ...(rows.length === 0 ? [`no ${module.meta.displayPlural}`] : []),
    ...(meta.total === undefined ? [] : [`${rows.length} of ${meta.total}`]),
    ...(meta.next_cursor === null ? [] : [`there are more: --cursor ${meta.next_cursor} (or --all)`]),
  ]
  return parts.length === 0 ? '' : `${parts.join('; ')}\n`
}

async function isWanted(
  command: ModuleCommand,
  action: ActionCommand,
  request: ActionRequest,
  terminal: Terminal,
): Promise<boolean> {
  if (!action.action.confirm || request.isConfirmed) return true
  const deed = `${action.name} ${command.module.meta.displayName} ${cellText(request.id)}`
  if (terminal.confirm === undefined) {
    terminal.note(`error: ${deed} asks before it acts and nobody is here to answer: add --yes\n`)
    return false
  }
  const isYes = await terminal.confirm(`${deed}? ${action.description}.`)
  if (!isYes) terminal.note('nothing was changed\n')
  return isYes
}

function writeDeleted(module: Module, request: ActionRequest, terminal: Terminal): void {
  if (request.output === 'table')
    terminal.write(`deleted ${module.meta.displayName} ${cellText(request.id)}\n`)
  else writeBody(terminal, request.output, null)
}

function writeResult(
  { output: answers }: Action,
  output: OutputFormat,
  columns: readonly string[],
  result: InvocationResult,
  terminal: Terminal,
): void {
  if (output !== 'table') {
    writeBody(terminal, output, { ...result.row, ...result.once })
    return
  }
  writeRecord(terminal, output, columns, result.row)
  for (const [name, value] of Object.entries(result.once)) {
    const line = `${name}: ${cellText(value)}`
    terminal.write(`\n${terminal.hasColours ? `\u001b[1;32m${line}\u001b[0m` : line}\n`)
    const isSecret = answers.some((one) => one.name === name && one.type.name === 'secret')
    if (isSecret) terminal.write('Keep it now: it is not shown again.\n')
  }
}
