import type { Actor, MemberRole } from '#contract/actor.ts'
import type { OrganizationRow, UserRow, UserSessionRow } from '#contract/rows.gen.ts'

/** An operator who acts as somebody for a while. */
export interface Impersonation {
  readonly operatorId: string
  readonly reason: string
  readonly isReadOnly: boolean
  /** ISO 8601, UTC. */
  readonly expiresAt: string
}

/** A person who is signed in, and the session that proved it. */
export interface AuthenticatedPerson {
  readonly userId: string
  /** In which form the session came. */
  readonly credential: { readonly kind: 'token' | 'session'; readonly id: string }
  /** The person in the organization of the session; undefined without a place in any. */
  readonly actor: Extract<Actor, { kind: 'member' }> | undefined
  /** Set where it is an operator who acts as the person. */
  readonly impersonation: Impersonation | undefined
  /** Whether that organization is neither suspended nor closed. */
  readonly isOrganizationActive: boolean
}

/** Everything about an account that its answers show. */
export interface AccountView {
  readonly user: UserRow
  readonly organization: OrganizationRow | undefined
  readonly role: MemberRole | undefined
  readonly planName: string | undefined
}

/** A new sign-in: what the cookie holds, and the bearer token of the same session. */
export interface OpenedSession {
  readonly session: Pick<UserSessionRow, 'id' | 'user_id' | 'expires_at'>
  /** The organization that the session acts in; null is the person's own. */
  readonly organizationId: string | null
  readonly cookie: string
  readonly token: string
}

/** Where a request comes from. */
export interface Origin {
  readonly address: string
  readonly userAgent: string
  readonly requestId: string
}
