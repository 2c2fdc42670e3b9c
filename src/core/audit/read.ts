import type { Kysely } from 'kysely'
import type { AuditEntry } from '#contract/audit.ts'
import type { Tables } from '../storage/tables.ts'

/** What to look for in the audit log; several conditions are joined by "and". Times are ISO 8601. */
export interface AuditQuery {
  readonly chain?: string
  readonly actorId?: string
  /** Of whoever acted as somebody else. */
  readonly operatorId?: string
  readonly action?: string
  readonly outcome?: string
  readonly module?: string
  readonly recordId?: string
  readonly from?: string
  readonly until?: string
}

/** A page of entries, newest first; `next` is the position to go on below. */
export interface AuditPage {
  readonly items: readonly AuditEntry[]
  readonly next?: number
}

const columnOf = {
  chain: 'chain',
  actorId: 'actor_id',
  operatorId: 'operator_id',
  action: 'action',
  outcome: 'outcome',
  module: 'module',
  recordId: 'record_id',
} as const satisfies Partial<Record<keyof AuditQuery, keyof AuditEntry>>

function matching(db: Kysely<Tables>, query: AuditQuery) {
  let select = db.selectFrom('audit_entries').selectAll()
  for (const [name, column] of Object.entries(columnOf)) {
    const value = query[name as keyof typeof columnOf]
    if (value !== undefined) select = select.where(column, '=', value)
  }
  if (query.from !== undefined) select = select.where('at', '>=', query.from)
  return query.until === undefined ? select : select.where('at', '<', query.until)
}

const decode = <T extends { position: unknown; seq: unknown }>(row: T): AuditEntry =>
  ({ ...row, position: Number(row.position), seq: Number(row.seq) }) as unknown as AuditEntry

/** Entries that match, newest first. */
export async function readPage(
  db: Kysely<Tables>,
  query: AuditQuery,
  limit: number,
  before: number | undefined,
): Promise<AuditPage> {
  const all = matching(db, query)
  const rows = await (before === undefined ? all : all.where('position', '<', before))
    .orderBy('position', 'desc')
    .limit(limit + 1)
    .execute()
  const items = rows.slice(0, limit).map(decode)
  const last = items.at(-1)
  return rows.length > limit && last !== undefined ? { items, next: last.position } : { items }
}

/** Every entry that matches and is there when it is asked for, oldest first, a page at a time. */
export async function* readEach(
  db: Kysely<Tables>,
  query: AuditQuery,
  pageSize = 500,
): AsyncGenerator<AuditEntry> {
  const end = await db
    .selectFrom('audit_entries')
    .select((one) => one.fn.max('position').as('position'))
    .executeTakeFirst()
  for (let after = 0; ; ) {
    const rows = await matching(db, query)
      .where('position', '>', after)
      .where('position', '<=', Number(end?.position ?? 0))
      .orderBy('position')
      .limit(pageSize)
      .execute()
    const entries = rows.map(decode)
    yield* entries
    const last = entries.at(-1)
    if (last === undefined || entries.length < pageSize) return
    after = last.position
  }
}

/** One chain after a place in it, in its order. */
export async function readChain(
  db: Kysely<Tables>,
  chain: string,
  after: number,
  limit: number,
): Promise<readonly AuditEntry[]> {
  const rows = await db
    .selectFrom('audit_entries')
    .selectAll()
    .where('chain', '=', chain)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(decode)
}
