import type { ColumnCodec, SqlDialect, Violation } from '#core/storage/dialect.ts'
import { protectAudit, releaseAudit } from './sqlite-audit.ts'
import { inspect, load } from './sqlite-catalogue.ts'

const asIs: ColumnCodec = { type: 'text' }

interface SqliteError extends Error {
  readonly errcode: number
}

const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

const columnsIn = (message: string): readonly string[] =>
  message
    .slice(message.indexOf(':') + 1)
    .split(',')
    .map((name) => name.trim().split('.').at(-1) ?? '')

const unavailable: Readonly<Record<number, string>> = {
  5: 'the database is locked by another process',
  6: 'the database is locked by another process',
  8: 'the database is read-only',
  10: 'the disk does not read or write',
  11: 'the database file is damaged',
  13: 'the disk is full',
  26: 'the file is not a database',
}

/** The extended result codes of https://sqlite.org/rescode.html; their low byte is the primary code. */
function violation(error: unknown): Violation | undefined {
  if (!isSqliteError(error)) return undefined
  switch (error.errcode) {
    case 2067:
    case 1555:
      return { kind: 'unique', columns: columnsIn(error.message) }
    case 787:
    case 1811:
      return { kind: 'foreign_key' }
    case 1299:
      return { kind: 'required', column: columnsIn(error.message)[0] ?? '' }
  }
  const reason = unavailable[error.errcode & 0xff]
  return reason === undefined ? undefined : { kind: 'unavailable', reason }
}

const kinds: Readonly<Record<string, 'integer' | 'binary'>> = {
  bigint: 'integer',
  blob: 'binary',
  int: 'integer',
  integer: 'integer',
}

/** SQLite: text for JSON and times (ISO 8601 sorts as text), 0 and 1 for booleans, one writer at a time. */
export const sqliteDialect: SqlDialect = {
  name: 'sqlite',
  columns: {
    text: asIs,
    integer: { type: 'integer' },
    boolean: {
      type: 'integer',
      encode: (value) => (value === true ? 1 : 0),
      decode: (stored) => stored === 1,
    },
    json: {
      type: 'text',
      encode: (value) => JSON.stringify(value),
      decode: (stored) => JSON.parse(stored as string) as unknown,
    },
    timestamp: asIs,
    binary: {
      type: 'blob',
      encode: (value) => Buffer.from(value as string, 'base64'),
      decode: (stored) => Buffer.from(stored as Uint8Array).toString('base64'),
    },
  },
  sequence: { type: 'integer', define: (column) => column.primaryKey().autoIncrement() },
  likeOperator: 'like',
  locksRows: false,
  takesScripts: false,
  refersAhead: true,
  violation,
  inspect,
  kindOf: (dataType) => kinds[dataType.toLowerCase()] ?? 'text',
  beginSnapshot: 'begin deferred',
  load,
  protectAudit,
  releaseAudit,
}
