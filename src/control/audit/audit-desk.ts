import { type AuditActor, type AuditEntry, instanceChain } from '#contract/audit.ts'
import type { ListMeta } from '#contract/envelope.ts'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import type { AuditLog } from '#core/audit/audit-log.ts'
import { type ExportFormat, exportLines } from '#core/audit/export.ts'
import type { AuditReport, ChainEnd } from '#core/audit/verify.ts'
import { encodeCursor } from '#core/storage/cursor.ts'
import { readAuditQuery } from './audit-query.ts'

/** Who asks for an export, which is kept in the log itself. */
export interface AuditReader {
  readonly actor: AuditActor
  readonly requestId: string
}

/** An entry as it is shown: its changes as an object. */
type ShownEntry = Omit<AuditEntry, 'position' | 'changes'> & { readonly changes: unknown }

/** The audit log for those who look at it, by the parameters of an address or the flags of a command. */
export interface AuditDesk {
  /** Entries, newest first; with `within` those of one organization alone. */
  list(
    search: URLSearchParams,
    within?: string,
  ): Promise<Outcome<{ readonly items: readonly ShownEntry[]; readonly meta: ListMeta }>>
  /** The lines of an export, made as they are taken. */
  export(
    search: URLSearchParams,
    reader: AuditReader,
    within?: string,
  ): Promise<Outcome<{ readonly format: ExportFormat; readonly lines: AsyncGenerator<string> }>>
  /** Examines every chain; `body` may hold the ends of an earlier report. */
  verify(body: Readonly<Record<string, unknown>>): Promise<Outcome<AuditReport>>
}

const shown = ({ position: _, changes, ...entry }: AuditEntry): ShownEntry => ({
  ...entry,
  changes: JSON.parse(changes) as unknown,
})

/** An entry as an organization sees it: from where the operators work is none of its business. */
const seenWithin = (entry: AuditEntry): AuditEntry =>
  entry.actor_kind === 'operator' || entry.operator_id !== null
    ? { ...entry, ip: null, user_agent: null }
    : entry

async function* eachWithin(entries: AsyncIterable<AuditEntry>): AsyncGenerator<AuditEntry> {
  for await (const entry of entries) yield seenWithin(entry)
}

/** Opens the desk of a log; those who ask for a verification at once get the same one. */
export function createAuditDesk(audit: AuditLog): AuditDesk {
  let running: Promise<AuditReport> | undefined
  return {
    async list(search, within) {
      const asked = readAuditQuery(search, ['limit', 'cursor'], within)
      if (!asked.ok) return asked
      const { query, limit, before } = asked.value
      const { items, next } = await audit.list(query, { limit, ...(before === undefined ? {} : { before }) })
      const cursor = next === undefined ? null : encodeCursor('position', { value: next, id: '' })
      const meta = { limit, has_more: next !== undefined, next_cursor: cursor }
      const seen = within === undefined ? items : items.map(seenWithin)
      return accept({ items: seen.map(shown), meta })
    },
    async export(search, reader, within) {
      const asked = readAuditQuery(search, ['format'], within)
      if (!asked.ok) return asked
      const { query, format } = asked.value
      await audit.note({
        ...reader,
        action: 'audit.export',
        outcome: 'done',
        ...(query.chain === undefined || query.chain === instanceChain || within === undefined
          ? {}
          : { organizationId: query.chain }),
        details: { format, ...query },
      })
      const entries = within === undefined ? audit.each(query) : eachWithin(audit.each(query))
      return accept({ format, lines: exportLines(entries, format) })
    },
    async verify(body) {
      const ends = readEnds(body)
      if (!ends.ok) return ends
      if (ends.value.length > 0) return accept(await audit.verify(ends.value))
      running ??= audit.verify().finally(() => {
        running = undefined
      })
      return accept(await running)
    },
  }
}

const mostEnds = 10_000

function readEnds(body: Readonly<Record<string, unknown>>): Outcome<readonly ChainEnd[]> {
  const problems: FieldProblem[] = Object.keys(body)
    .filter((field) => field !== 'ends')
    .map((field) => ({ field, reason: 'is not a known field' }))
  const { ends = [] } = body
  if (Array.isArray(ends) && ends.length <= mostEnds && ends.every(isEnd) && problems.length === 0)
    return accept(ends)
  if (problems.length === 0)
    problems.push({ field: 'ends', reason: `must be the ends of a report, at most ${mostEnds}` })
  return refuseFields(problems)
}

const isEnd = (end: unknown): end is ChainEnd =>
  typeof end === 'object' &&
  end !== null &&
  'chain' in end &&
  typeof end.chain === 'string' &&
  'seq' in end &&
  Number.isSafeInteger(end.seq) &&
  'hash' in end &&
  typeof end.hash === 'string'
