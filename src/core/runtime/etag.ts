import { createHash } from 'node:crypto'
import type { Row } from '#ports/records.ts'

/** The strong ETag (RFC 9110, 8.8.3) of a record as it is shown: the same as long as nobody can see a difference. */
export function etagOf(row: Row): string {
  return `"${createHash('sha256').update(JSON.stringify(row)).digest('base64url').slice(0, 27)}"`
}
