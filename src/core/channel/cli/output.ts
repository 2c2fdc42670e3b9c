import { Document, isScalar, visit } from 'yaml'
import type { ListMeta } from '#contract/envelope.ts'
import { successBody } from '#contract/envelope.ts'
import { isSafeText, safeDocument } from './safe-text.ts'
import { type Column, renderFields, renderTable } from './table.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** The forms that every result can take. */
export const outputFormats = ['table', 'json', 'yaml'] as const

/** One of the forms a result can take. */
export type OutputFormat = (typeof outputFormats)[number]

/** Reads the value of `--output`. */
export function outputFormatOf(text: string): OutputFormat {
  const format = outputFormats.find((name) => name === text)
  if (format === undefined) {
    throw new UsageError(`--output is one of ${outputFormats.join(', ')}, not "${text}"`)
  }
  return format
}

/** Writes a value as JSON or YAML in the envelope that the REST channel uses; it reads back as exactly that value. */
export function writeBody(
  terminal: Terminal,
  format: 'json' | 'yaml',
  data: unknown,
  extra: { meta?: ListMeta } = {},
): void {
  const body = successBody(data, extra)
  terminal.write(format === 'json' ? `${safeDocument(JSON.stringify(body, integers, 2))}\n` : yamlText(body))
}

/** Writes rows: a table for people, or all their fields in the envelope. */
export function writeRows(
  terminal: Terminal,
  format: OutputFormat,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
  extra: { meta?: ListMeta } = {},
): void {
  if (format !== 'table') {
    writeBody(terminal, format, rows, extra)
    return
  }
  const shown: readonly Column[] = columns.map((title) => ({ title, isWhole: title === 'id' }))
  const cells = rows.map((row) => columns.map((column) => row[column]))
  terminal.write(`${renderTable(shown, cells, terminal)}\n`)
}

/** Writes one record: a field a line for people, or the envelope. */
export function writeRecord(
  terminal: Terminal,
  format: OutputFormat,
  columns: readonly string[],
  row: Readonly<Record<string, unknown>>,
): void {
  if (format !== 'table') {
    writeBody(terminal, format, row)
    return
  }
  const fields = columns.map((column) => [column, row[column]] as const)
  terminal.write(`${renderFields(fields, terminal)}\n`)
}

function yamlText(body: unknown): string {
  const document = new Document(JSON.parse(JSON.stringify(body, integers)))
  visit(document, (_key, node) => {
    if (isScalar(node) && typeof node.value === 'string' && !isSafeText(node.value))
      node.type = 'QUOTE_DOUBLE'
  })
  return safeDocument(document.toString({ lineWidth: 0 }))
}

/** Amounts can be `bigint`; those that a JSON number cannot hold exactly become text. */
function integers(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}
