import type { AuditEntry } from '#contract/audit.ts'
import { csvLine } from '#contract/csv.ts'
import { hashedFields } from './hash.ts'

/** The forms in which the log can be taken out. */
export const exportFormats = ['jsonl', 'csv'] as const
/** One of the forms of an export. */
export type ExportFormat = (typeof exportFormats)[number]

/** The content type of a form. */
export const contentTypeOf: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
}

const columns = [...hashedFields, 'hash'] as const

/** An entry in its export: every hashed field as it was hashed, and the hash. */
const fieldsOf = (entry: AuditEntry): Record<string, unknown> =>
  Object.fromEntries(columns.map((name) => [name, entry[name]]))

/** The lines of an export, one entry each, in the order of the entries; CSV begins with its columns. */
export async function* exportLines(
  entries: AsyncIterable<AuditEntry>,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(columns)
  for await (const entry of entries)
    yield format === 'csv'
      ? csvLine(columns.map((name) => entry[name]))
      : `${JSON.stringify(fieldsOf(entry))}\n`
}
