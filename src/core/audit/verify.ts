import type { Kysely } from 'kysely'
import { instanceChain } from '#contract/audit.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { AuditChainTable, Tables } from '../storage/tables.ts'
import { sealContext, sealedText } from './append.ts'
import { hashOf } from './hash.ts'
import { readChain } from './read.ts'

/** One thing that is not as it was written. */
export interface AuditProblem {
  readonly chain: string
  /** The place in the chain; 0 where it is about the whole of it. */
  readonly seq: number
  readonly problem: string
}

/** The end of a chain, to be kept outside and compared with later (`ends` of an earlier report). */
export interface ChainEnd {
  readonly chain: string
  readonly seq: number
  readonly hash: string
}

/** What a verification has found. */
export interface AuditReport {
  readonly is_intact: boolean
  readonly entries: number
  readonly chains: number
  readonly problems: readonly AuditProblem[]
  readonly ends: readonly ChainEnd[]
}

const pageSize = 1_000
const mostProblems = 100

interface Parts {
  readonly db: Kysely<Tables>
  readonly cipher: Cipher
}

/**
 * Reads every chain from its beginning: each entry has its own hash, names the one before it, and nothing is missing, and the end is the
 * one that was sealed under the instance's key. `kept` are ends of an earlier report that must still be there.
 */
export async function verifyAudit(parts: Parts, kept: readonly ChainEnd[] = []): Promise<AuditReport> {
  const { db } = parts
  const problems: AuditProblem[] = []
  const report = (chain: string, seq: number, problem: string): void => {
    if (problems.length < mostProblems) problems.push({ chain, seq, problem })
  }
  const chains = await knownChains(db)
  for (const { chain } of kept) chains.add(chain)
  const ends: ChainEnd[] = []
  let entries = 0
  for (const chain of [...chains].sort()) {
    const wanted = kept.filter((end) => end.chain === chain)
    const end = await walk(parts, chain, wanted, report)
    entries += end.seen
    ends.push({ chain, seq: end.seq, hash: end.hash })
  }
  return { is_intact: problems.length === 0, entries, chains: ends.length, problems, ends }
}

/** Every chain that has an entry, an end, or was announced when it began. */
async function knownChains(db: Kysely<Tables>): Promise<Set<string>> {
  const written = await db.selectFrom('audit_entries').select('chain').distinct().execute()
  const sealed = await db.selectFrom('audit_chains').select('chain').execute()
  const announced = await db
    .selectFrom('audit_entries')
    .select('record_id')
    .where('chain', '=', instanceChain)
    .where('action', '=', 'open_chain')
    .execute()
  const names = [...written, ...sealed].map(({ chain }) => chain)
  return new Set([...names, ...announced.map(({ record_id: id }) => id ?? instanceChain)])
}

const endOf = ({ db }: Parts, chain: string): Promise<AuditChainTable | undefined> =>
  db.selectFrom('audit_chains').selectAll().where('chain', '=', chain).executeTakeFirst()

async function walk(
  parts: Parts,
  chain: string,
  kept: readonly ChainEnd[],
  report: (chain: string, seq: number, problem: string) => void,
): Promise<{ seq: number; hash: string; seen: number }> {
  let seq = 0
  let hash = ''
  let position = 0
  let seen = 0
  const open = new Map(kept.map((end) => [end.seq, end.hash]))
  for (;;) {
    const page = await readChain(parts.db, chain, seq, pageSize)
    for (const entry of page) {
      if (entry.seq > seq + 1) report(chain, seq + 1, `entries ${seq + 1} to ${entry.seq - 1} are missing`)
      if (entry.previous_hash !== hash) report(chain, entry.seq, 'does not follow the entry before it')
      if (hashOf(entry) !== entry.hash) report(chain, entry.seq, 'was changed')
      if (entry.position <= position) report(chain, entry.seq, 'was moved')
      const wanted = open.get(entry.seq)
      if (wanted !== undefined && wanted !== entry.hash)
        report(chain, entry.seq, 'is not the entry that was kept outside')
      open.delete(entry.seq)
      seq = entry.seq
      hash = entry.hash
      position = entry.position
      seen += 1
    }
    if (page.length > 0) continue
    // The end is read after the entries, so that it cannot be older than they are; what was added meanwhile is read, too.
    const end = await endOf(parts, chain)
    if (end !== undefined && Number(end.seq) > seq && (await readChain(parts.db, chain, seq, 1)).length > 0)
      continue
    for (const problem of problemsOfEnd(parts.cipher, chain, end, { seq, hash })) report(chain, seq, problem)
    for (const missing of open.keys()) report(chain, missing, 'was kept outside and is missing')
    return { seq, hash, seen }
  }
}

function problemsOfEnd(
  cipher: Cipher,
  chain: string,
  end: AuditChainTable | undefined,
  found: { readonly seq: number; readonly hash: string },
): readonly string[] {
  if (end === undefined) return ['the sealed end of the chain is missing']
  const sealed = { seq: Number(end.seq), hash: end.hash }
  if (!isSealed(cipher, chain, end.seal, sealedText(sealed)))
    return ['the end of the chain is not sealed by us']
  if (sealed.seq > found.seq) return [`entries ${found.seq + 1} to ${sealed.seq} are missing at the end`]
  if (sealed.seq < found.seq) return [`entries after ${sealed.seq} were added by somebody else`]
  return sealed.hash === found.hash ? [] : ['the last entry is not the one that was sealed']
}

function isSealed(cipher: Cipher, chain: string, seal: string, text: string): boolean {
  try {
    return cipher.open(seal, sealContext(chain)) === text
  } catch {
    return false
  }
}
