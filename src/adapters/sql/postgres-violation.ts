import type { Violation } from '#core/storage/dialect.ts'

interface PostgresError extends Error {
  readonly code?: string
  readonly detail?: string
  readonly column?: string
  readonly constraint?: string
}

/** SQLSTATE codes (PostgreSQL, appendix A) and codes of the operating system that say the database cannot be used now. */
const unavailable: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^55P03$/, 'another process keeps it locked'],
  [/^57014$/, 'a statement took too long'],
  [/^25006$/, 'it can only be read'],
  [/^53100$/, 'its disk is full'],
  [/^53/, 'it has no room for more work or connections'],
  [/^57P0[1-5]$/, 'it is starting or stopping'],
  [/^40(?:001|P01)$/, 'several transactions were in each other’s way'],
  [/^25P03$/, 'a transaction stood idle too long'],
  [/^08/, 'the connection was lost'],
  [/^28|^3D000$/, 'it does not let this user in'],
  [
    /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/,
    'it cannot be reached',
  ],
]

/** What the driver says without a code when a connection ends or none is free. */
const lost =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered|Client was closed)/

const columnsIn = (detail: string): readonly string[] =>
  (/^Key \((.*?)\)=/.exec(detail)?.[1]?.split(', ') ?? []).map((name) => name.replaceAll('"', ''))

/** Why PostgreSQL, or the way to it, refused a statement; undefined for an error that is not the statement's fault. */
export function violation(error: unknown): Violation | undefined {
  if (!(error instanceof Error)) return undefined
  const { code = '', detail = '', column = '', constraint = '', message } = error as PostgresError
  switch (code) {
    case '23505':
      // Of a table with row-level security PostgreSQL does not tell the key.
      return { kind: 'unique', columns: columnsIn(detail), index: constraint }
    case '23503':
    case '23001':
      return { kind: 'foreign_key' }
    case '23502':
      return { kind: 'required', column }
    case '54000':
      return message.startsWith('index row') ? { kind: 'too_long' } : undefined
  }
  const reason =
    unavailable.find(([pattern]) => pattern.test(code))?.[1] ??
    (lost.test(message) ? 'the connection was lost' : undefined)
  return reason === undefined ? undefined : { kind: 'unavailable', reason }
}
