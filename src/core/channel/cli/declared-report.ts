import type { Refusal } from '#contract/outcome.ts'
import type { DeclaredReport } from '../../declared/create-declared.ts'
import { referredNames } from '../../declared/substitute.ts'
import { safeText } from './safe-text.ts'
import { cellText } from './table.ts'
import { exitCodes, type Terminal } from './terminal.ts'

/** Of an environment, what a file refers to: nothing else leaves the machine. */
export function valuesFor(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...referredNames(text)].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  )
}

const signs = { create: '+', update: '~', delete: '-' } as const
const colours = { create: '32', update: '33', delete: '31' } as const

/** Writes the differences for people. */
export function writeDifferences(terminal: Terminal, report: DeclaredReport): void {
  for (const { change, kind, name, fields } of report.changes) {
    const line = `${signs[change]} ${kind} ${safeText(name)}`
    terminal.write(`${terminal.hasColours ? `\u001b[${colours[change]}m${line}\u001b[0m` : line}\n`)
    for (const { field, from, to } of fields) {
      const value = change === 'create' ? shown(to) : `${shown(from)} -> ${shown(to)}`
      terminal.write(`    ${safeText(field)}: ${value}\n`)
    }
  }
  terminal.note(`${summary(report)}\n`)
}

const shown = (value: unknown): string =>
  value === '(secret)' ? value : cellText(value === null ? '(none)' : JSON.stringify(value))

function summary({ applied, changes, counts }: DeclaredReport): string {
  if (changes.length === 0) return 'nothing differs'
  const words = { create: 'made', update: 'changed', delete: 'removed' }
  const parts = (['create', 'update', 'delete'] as const)
    .filter((change) => counts[change] > 0)
    .map((change) => `${counts[change]} ${words[change]}`)
  return `${applied ? '' : 'would be: '}${parts.join(', ')}`
}

/** Writes a refusal of a file, one line for each thing that is wrong with it, as `file:line: what`. */
export function refusedFile(refusal: Refusal, file: string, terminal: Terminal): number {
  const { details } = refusal
  const several = Array.isArray(details?.['errors']) ? (details['errors'] as unknown[]) : undefined
  const first = details?.['line'] === undefined ? refusal.message : undefined
  for (const problem of several ?? [details ?? {}]) {
    const { field, reason, line } = problem as { field?: unknown; reason?: unknown; line?: unknown }
    const at = typeof line === 'number' ? `${file}:${line}: ` : `${file}: `
    const isOwn = several === undefined && (first !== undefined || typeof details?.['at'] === 'string')
    terminal.note(`error: ${safeText(`${at}${isOwn ? refusal.message : `${field} ${reason}`}`)}\n`)
  }
  return exitCodes.refused
}
