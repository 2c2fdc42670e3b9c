import { z } from 'zod'

/** The number of this format; a file with another one was written by a version that knows more or less. */
export const backupFormat = 1

const cell = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
])
const kind = z.enum(['text', 'integer', 'boolean', 'json', 'timestamp', 'binary'])

const table = z.object({
  name: z.string(),
  columns: z.array(z.object({ name: z.string(), kind })),
  key: z.array(z.string()),
})

/** The first line: what was backed up, by what, and when. */
const header = z.object({
  apigate_backup: z.number(),
  version: z.string(),
  schema_version: z.number(),
  migrations: z.array(z.string()),
  database: z.string(),
  at: z.string(),
  tables: z.array(table),
})

/** Some rows of a table, their values in the order of its columns. */
const rows = z.object({ table: z.string(), rows: z.array(z.array(cell)) })

/** After the last row of a table: how many there were, the sums of money and units, and a digest of all values. */
const total = z.object({
  table: z.string(),
  count: z.number().int(),
  sums: z.record(z.string(), z.string().regex(/^-?\d+$/)),
  sha256: z.string(),
})

/** A piece of a usage journal, of which the database may not have everything yet. */
const journal = z.object({ journal: z.string().regex(/^usage-[\w.-]+\.journal$/), text: z.string() })

/** The last line; without it the file is a part of a backup. */
const end = z.object({ end: z.literal(true), tables: z.number().int(), rows: z.number().int() })

/** One line of a backup, as JSON. */
export const backupLine = z.union([header, rows, total, journal, end])

export type Cell = z.infer<typeof cell>
export type Header = z.infer<typeof header>
export type TablePlan = z.infer<typeof table>
export type RowsLine = z.infer<typeof rows>
export type Total = z.infer<typeof total>
export type BackupLine = z.infer<typeof backupLine>

/** True for columns that must add up to the same everywhere: money and what it is asked for. */
export const isTelling = (column: string): boolean =>
  /(?:^|_)(?:units|amount|balance|cost|fee|price|total|minor|micros?|requests)(?:_|$)/.test(column)
