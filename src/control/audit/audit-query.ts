import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { ExportFormat } from '#core/audit/export.ts'
import type { AuditQuery } from '#core/audit/read.ts'
import { decodeCursor } from '#core/storage/cursor.ts'

/** A query of the log as it was asked for. */
export interface AskedAudit {
  readonly query: AuditQuery
  readonly limit: number
  readonly before: number | undefined
  readonly format: ExportFormat
}

const texts = {
  organization_id: 'chain',
  actor: 'actorId',
  operator: 'operatorId',
  action: 'action',
  outcome: 'outcome',
  module: 'module',
  record: 'recordId',
} as const satisfies Readonly<Record<string, keyof AuditQuery>>
const times = { from: 'from', until: 'until' } as const
const mostCharacters = 300
const pageSizes = { usual: 20, most: 100 }
const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/

/** Reads filters, and what else of `also` may stand in the query; every wrong one is named. `within` is the only chain there is. */
export function readAuditQuery(
  parameters: URLSearchParams,
  also: readonly ('limit' | 'cursor' | 'format')[],
  within?: string,
): Outcome<AskedAudit> {
  const problems: FieldProblem[] = []
  const query: Record<string, string> = {}
  const place: { before?: number; limit: number; format: ExportFormat } = {
    limit: pageSizes.usual,
    format: 'jsonl',
  }
  for (const [name, value] of parameters) {
    if (Object.hasOwn(texts, name) && !(within !== undefined && name === 'organization_id')) {
      if (value === '' || value.length > mostCharacters || value.includes('\u0000'))
        problems.push({ field: name, reason: `must have 1 to ${mostCharacters} characters` })
      query[texts[name as keyof typeof texts]] = value
    } else if (Object.hasOwn(times, name)) {
      const at = instant.test(value) ? Date.parse(value) : Number.NaN
      if (Number.isNaN(at))
        problems.push({ field: name, reason: 'must be a time such as 2026-11-21T09:00:00Z' })
      else query[name] = new Date(at).toISOString()
    } else if (!also.some((one) => one === name)) {
      problems.push({ field: name, reason: 'is not a known parameter' })
    } else readPlace(name, value, place, problems)
  }
  if (within !== undefined) query['chain'] = within
  return problems.length > 0
    ? refuseFields(problems)
    : accept({ query, limit: place.limit, before: place.before, format: place.format })
}

function readPlace(
  name: string,
  value: string,
  place: { before?: number; limit: number; format: ExportFormat },
  problems: FieldProblem[],
): void {
  if (name === 'format') {
    if (value !== 'csv' && value !== 'jsonl') problems.push({ field: name, reason: 'must be csv or jsonl' })
    else place.format = value
  } else if (name === 'limit') {
    const limit = /^\d{1,6}$/.test(value) ? Number(value) : 0
    if (limit < 1) problems.push({ field: name, reason: 'must be a whole number from 1' })
    else place.limit = Math.min(limit, pageSizes.most)
  } else {
    const cursor = decodeCursor(value, 'position')
    if (cursor.ok && typeof cursor.value.value === 'number') place.before = cursor.value.value
    else problems.push({ field: name, reason: 'is not valid; use next_cursor as it was given' })
  }
}
