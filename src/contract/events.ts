/** One committed change, as the outbox keeps it. `seq` grows with every commit on one database. */
export interface DomainEvent {
  readonly seq: number
  /** `evt_...`, what receivers deduplicate by. */
  readonly id: string
  /** `{module}.{what}`, for example `plan.updated` or `api_key.revoked`. */
  readonly type: string
  readonly module: string
  readonly record_id: string
  /** The organization that the record belongs to, where it has one. */
  readonly organization_id: string | null
  /** The record as the REST channel would show it: no secret, no internal field. */
  readonly data: Readonly<Record<string, unknown>>
  /** ISO 8601, UTC. */
  readonly at: string
}
