import { accept, type Outcome, refuse } from '#contract/outcome.ts'

/** The place after which the next page begins: the sort value of the last record (in stored form) and its id. */
export interface Place {
  readonly value: string | number | null
  readonly id: string
}

/** Writes a place as an opaque text that only fits lists of the same sort. */
export const encodeCursor = (sort: string, { value, id }: Place): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url')

/** Reads a cursor; refused when it is none, or comes from a list that was sorted differently. */
export function decodeCursor(cursor: string, sort: string): Outcome<Place> {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    parts = undefined
  }
  const [madeFor, value, id] = Array.isArray(parts) && parts.length === 3 ? (parts as unknown[]) : []
  const isValue = value === null || typeof value === 'string' || typeof value === 'number'
  if (typeof madeFor !== 'string' || !isValue || typeof id !== 'string') {
    return refuse('invalid_request', 'The cursor is not valid; use next_cursor as it was given', {
      field: 'cursor',
    })
  }
  if (madeFor !== sort) {
    const message = 'The cursor belongs to a list with another sort; start again without it'
    return refuse('invalid_request', message, { field: 'cursor' })
  }
  return accept({ value, id })
}
