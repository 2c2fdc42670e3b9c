import type { CompiledQuery, Kysely } from 'kysely'
import { type AuditActor, type AuditEntry, instanceChain, type RequestOrigin } from '#contract/audit.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Tables } from '../storage/tables.ts'
import { hashedFields, hashOf } from './hash.ts'

/** What one transaction adds to the log: the part that differs from entry to entry. */
export interface PendingEntry {
  chain: string
  readonly action: string
  readonly outcome: string
  readonly module: string | null
  readonly record_id: string | null
  changes: string
}

/** What all entries of a transaction have in common. */
export interface AuditCircumstances {
  readonly at: string
  readonly actor: AuditActor
  readonly requestId: string
  readonly origin: RequestOrigin | undefined
}

interface Head {
  seq: number
  hash: string
}

/** Keeps one statement below the number of parameters that every database takes. */
const rowsAtOnce = 200

/** The context that seals the end of a chain. */
export const sealContext = (chain: string): string => `audit_chains.seal.${chain}`
/** The text that is sealed. */
export const sealedText = ({ seq, hash }: Head): string => `${seq} ${hash}`

const columns = [...hashedFields, 'hash'] as const
const blankEntry = Object.fromEntries(
  columns.map((name) => [name, name === 'seq' ? 0 : '']),
) as unknown as Omit<AuditEntry, 'position'>

/** What every write says to the database, worked out once: building a statement costs more than running it. */
function prepare(db: Kysely<Tables>) {
  return {
    head: db.selectFrom('audit_chains').select(['seq', 'hash']).where('chain', '=', '').compile(),
    insert: db.insertInto('audit_entries').values(blankEntry).compile(),
    seal: db
      .insertInto('audit_chains')
      .values({ chain: '', seq: 0, hash: '', seal: '' })
      .onConflict((on) =>
        on.column('chain').doUpdateSet((one) => ({
          seq: one.ref('excluded.seq'),
          hash: one.ref('excluded.hash'),
          seal: one.ref('excluded.seal'),
        })),
      )
      .compile(),
  }
}

/** The first entry of an organization's chain is announced in the instance's, so that a whole chain cannot be taken out unnoticed. */
const opening = (chain: string): PendingEntry => ({
  chain: instanceChain,
  action: 'open_chain',
  outcome: 'done',
  module: 'audit',
  record_id: chain,
  changes: '{}',
})

/** Adds entries to the ends of their chains and seals those. */
export type AppendAudit = (
  transaction: Kysely<Tables>,
  circumstances: AuditCircumstances,
  pending: readonly PendingEntry[],
) => Promise<void>

/**
 * Prepares the only way into the log. What it makes is called only in a transaction that has the write turn: nobody else can then add to
 * the same end.
 */
export function createAppendAudit(database: Kysely<Tables>, cipher: Cipher): AppendAudit {
  const statements = prepare(database)
  const headOf = async (db: Kysely<Tables>, chain: string): Promise<Head | undefined> => {
    const query: CompiledQuery<Head> = { ...statements.head, parameters: [chain] }
    const [head] = (await db.executeQuery(query)).rows
    return head === undefined ? undefined : { seq: Number(head.seq), hash: head.hash }
  }
  return async (db, circumstances, pending) => {
    if (pending.length === 0) return
    const heads = new Map<string, Head>()
    const all: PendingEntry[] = []
    for (const chain of new Set(pending.map((entry) => entry.chain))) {
      const head = await headOf(db, chain)
      if (head !== undefined) heads.set(chain, head)
      else if (chain !== instanceChain) all.push(opening(chain))
    }
    if (all.length > 0 && !heads.has(instanceChain)) {
      const head = await headOf(db, instanceChain)
      if (head !== undefined) heads.set(instanceChain, head)
    }
    all.push(...pending)
    const rows = all.map((entry) => chained(heads, entry, circumstances))
    const [first] = rows
    if (rows.length === 1 && first !== undefined) {
      await db.executeQuery({ ...statements.insert, parameters: columns.map((name) => first[name]) })
    } else
      for (let from = 0; from < rows.length; from += rowsAtOnce)
        await db
          .insertInto('audit_entries')
          .values(rows.slice(from, from + rowsAtOnce))
          .execute()
    for (const chain of new Set(all.map((entry) => entry.chain))) {
      const head = heads.get(chain) ?? start
      const seal = cipher.seal(sealedText(head), sealContext(chain))
      await db.executeQuery({ ...statements.seal, parameters: [chain, head.seq, head.hash, seal] })
    }
  }
}

const start: Head = { seq: 0, hash: '' }

/** An entry at the end of its chain, which it moves on. */
function chained(
  heads: Map<string, Head>,
  entry: PendingEntry,
  { at, actor, requestId, origin }: AuditCircumstances,
): Omit<AuditEntry, 'position'> {
  const head = heads.get(entry.chain) ?? start
  const unhashed = {
    ...entry,
    seq: head.seq + 1,
    at,
    actor_kind: actor.kind,
    actor_id: actor.id,
    operator_id: actor.operatorId ?? null,
    request_id: requestId,
    ip: origin?.ip ?? null,
    user_agent: origin?.userAgent ?? null,
    previous_hash: head.hash,
  }
  const hash = hashOf(unhashed)
  heads.set(entry.chain, { seq: unhashed.seq, hash })
  return { ...unhashed, hash }
}
