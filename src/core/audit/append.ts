import type { Kysely } from 'kysely'
import { type AuditActor, type AuditEntry, instanceChain, type RequestOrigin } from '#contract/audit.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Tables } from '../storage/tables.ts'
import { hashOf } from './hash.ts'

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

async function headsOf(db: Kysely<Tables>, chains: readonly string[]): Promise<Map<string, Head>> {
  const rows = await db
    .selectFrom('audit_chains')
    .select(['chain', 'seq', 'hash'])
    .where('chain', 'in', [...chains])
    .execute()
  return new Map(rows.map(({ chain, seq, hash }) => [chain, { seq: Number(seq), hash }]))
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

/**
 * Adds entries to the ends of their chains and seals those. Only in a transaction that has the write turn: nobody else can then add to
 * the same end.
 */
export async function appendAudit(
  db: Kysely<Tables>,
  cipher: Cipher,
  { at, actor, requestId, origin }: AuditCircumstances,
  pending: readonly PendingEntry[],
): Promise<void> {
  if (pending.length === 0) return
  const chains = [...new Set(pending.map(({ chain }) => chain))]
  const heads = await headsOf(db, chains)
  const fresh = chains.filter((chain) => chain !== instanceChain && !heads.has(chain))
  if (fresh.length > 0 && !chains.includes(instanceChain))
    for (const [chain, head] of await headsOf(db, [instanceChain])) heads.set(chain, head)
  const all = [...fresh.map(opening), ...pending]
  const rows: Omit<AuditEntry, 'position'>[] = []
  for (const entry of all) {
    const head = heads.get(entry.chain) ?? { seq: 0, hash: '' }
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
    rows.push({ ...unhashed, hash })
  }
  for (let start = 0; start < rows.length; start += rowsAtOnce)
    await db
      .insertInto('audit_entries')
      .values(rows.slice(start, start + rowsAtOnce))
      .execute()
  const ends = [...new Set(all.map(({ chain }) => chain))].map((chain) => {
    const head = heads.get(chain) ?? { seq: 0, hash: '' }
    return { chain, ...head, seal: cipher.seal(sealedText(head), sealContext(chain)) }
  })
  for (let start = 0; start < ends.length; start += rowsAtOnce)
    await db
      .insertInto('audit_chains')
      .values(ends.slice(start, start + rowsAtOnce))
      .onConflict((on) =>
        on.column('chain').doUpdateSet((one) => ({
          seq: one.ref('excluded.seq'),
          hash: one.ref('excluded.hash'),
          seal: one.ref('excluded.seal'),
        })),
      )
      .execute()
}
