import type { Kysely } from 'kysely'
import { type AuditEntry, type AuditNote, instanceChain, type RequestOrigin } from '#contract/audit.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { WriteTurn } from '../runtime/write-turn.ts'
import type { SqlDialect } from '../storage/dialect.ts'
import type { Tables } from '../storage/tables.ts'
import { whileAvailable } from '../storage/violation.ts'
import type { AppendAudit } from './append.ts'
import { type AuditPage, type AuditQuery, readEach, readPage } from './read.ts'
import { type AuditReport, type ChainEnd, verifyAudit } from './verify.ts'

/** The audit log of an instance. Writes of records are in it by themselves, in their own transactions. */
export interface AuditLog {
  /** Keeps what is no write of a record. */
  note(note: AuditNote): Promise<void>
  /** Entries that match, newest first, below a position. */
  list(query: AuditQuery, page: { limit: number; before?: number }): Promise<AuditPage>
  /** Every entry that matches, oldest first, a few in memory at a time. */
  each(query: AuditQuery): AsyncIterable<AuditEntry>
  /** Examines every chain, also against ends that were kept outside. */
  verify(kept?: readonly ChainEnd[]): Promise<AuditReport>
}

/** Opens the audit log over the engine's own tables. */
export function createAuditLog(deps: {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly write: WriteTurn
  readonly append: AppendAudit
  readonly cipher: Cipher
  readonly clock: Clock
  readonly origin: () => RequestOrigin | undefined
}): AuditLog {
  const { db, dialect, write, append, cipher, clock } = deps
  return {
    note({ actor, requestId, organizationId, module = null, recordId = null, details = {}, ...rest }) {
      const circumstances = { actor, requestId, origin: deps.origin() }
      const entry = {
        ...rest,
        chain: organizationId ?? instanceChain,
        module,
        record_id: recordId,
        changes: JSON.stringify(details),
      }
      return whileAvailable(dialect, () =>
        write((transaction) =>
          append(transaction, { ...circumstances, at: new Date(clock.now()).toISOString() }, [entry]),
        ),
      )
    },
    list: (query, { limit, before }) => whileAvailable(dialect, () => readPage(db, query, limit, before)),
    each: (query) => readEach(db, query),
    verify: (kept) => whileAvailable(dialect, () => verifyAudit({ db, cipher }, kept)),
  }
}
