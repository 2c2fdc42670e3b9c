import type { Actor } from './actor.ts'

/** The chain of everything that belongs to no organization; each organization has one named by its id. */
export const instanceChain = 'instance'

/** One line of the audit log, as it is stored, hashed and shown. */
export interface AuditEntry {
  /** Counts up over all chains: the order of the commits. */
  readonly position: number
  /** An organization's id, or `instance`. */
  readonly chain: string
  /** Counts up by one within the chain. */
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly actor_kind: string
  readonly actor_id: string
  /** The operator behind an impersonation. */
  readonly operator_id: string | null
  readonly action: string
  /** `done`, or the error that the attempt was refused with. */
  readonly outcome: string
  readonly module: string | null
  readonly record_id: string | null
  /** JSON: each changed field with what it was before and is after; of secrets only that they changed. */
  readonly changes: string
  readonly request_id: string
  readonly ip: string | null
  readonly user_agent: string | null
  /** The hash of the entry before it in the chain; empty for the first one. */
  readonly previous_hash: string
  readonly hash: string
}

/** Who an entry names as the one who acted. */
export interface AuditActor {
  readonly kind: string
  readonly id: string
  /** The operator behind an impersonation. */
  readonly operatorId?: string
}

/** How the audit log names an actor. */
export function auditActorOf(actor: Actor): AuditActor {
  const id = actor.kind === 'anonymous' ? 'anonymous' : actor.id
  return actor.kind === 'member' && actor.impersonatedBy !== undefined
    ? { kind: actor.kind, id, operatorId: actor.impersonatedBy }
    : { kind: actor.kind, id }
}

/** Where a request came from, and who was found to have sent it. */
export interface RequestOrigin {
  readonly ip: string
  readonly userAgent: string
  /** Known once the credentials were checked. */
  actor?: AuditActor
}

/** Something to keep in the audit log that is no write of a record: a sign-in that failed, an export. */
export interface AuditNote {
  readonly actor: AuditActor
  readonly action: string
  readonly outcome: string
  readonly organizationId?: string
  readonly module?: string
  readonly recordId?: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly requestId: string
}
