import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { UserSessionRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Records } from '#ports/records.ts'
import type { SignedTokens } from '#ports/signed-tokens.ts'
import { isLive } from '../identity/credentials.ts'
import { impersonatorOf } from './impersonation.ts'
import { isPersonCookie } from './open-session.ts'
import type { AuthenticatedPerson, Impersonation } from './person.ts'
import { placeOf } from './place.ts'

/** What a person's request came with: the content of the cookie, or a bearer token. */
export interface PersonCredential {
  readonly kind: 'token' | 'session'
  readonly raw: string
}

/** Finds out which person a credential belongs to; every kind of "no" is the same refusal. */
export type AuthenticatePerson = (credential: PersonCredential) => Promise<Outcome<AuthenticatedPerson>>

/** The part of the idle time in which a use of a session is not written down again: a write is an event and an audit entry. */
const touchShare = 1 / 24

const unauthorized = refuse('unauthorized', 'Sign in first')

/**
 * Session, user, membership and organization are as they are at this moment: what was ended or taken away counts from the next request
 * on. The cookie also ends when it rests too long; `touch` is told of sessions whose use has to be written down.
 */
export function createAuthenticatePerson(deps: {
  readonly records: Records
  readonly tokenDigest: TokenDigest
  readonly signedTokens: SignedTokens
  readonly clock: Clock
  readonly touch: (sessionId: string) => void
}): AuthenticatePerson {
  const { records, clock } = deps

  const bySession = async (raw: string): Promise<UserSessionRow | undefined> =>
    isPersonCookie(raw) ? records.getBy('user_session', 'hash', deps.tokenDigest.digest(raw)) : undefined

  const byToken = async (raw: string): Promise<UserSessionRow | undefined> => {
    const claims = await deps.signedTokens.verify(raw)
    const session = claims && (await records.get('user_session', claims.sessionId))
    return session?.user_id === claims?.userId ? session : undefined
  }

  return async ({ kind, raw }) => {
    const session = await (kind === 'token' ? byToken(raw) : bySession(raw))
    const now = clock.now()
    if (session === undefined || !isLive(session, now)) return unauthorized
    const restedMs = now - Date.parse(session.last_used_at ?? session.created_at)
    if (kind === 'session' && restedMs >= session.idle_seconds * 1000) return unauthorized
    const user = await records.get('user', session.user_id)
    if (user === undefined || (user.status !== 'active' && user.status !== 'pending')) return unauthorized
    const impersonation = await impersonationOf(records, session, now)
    if (impersonation === 'over') return unauthorized
    if (restedMs >= session.idle_seconds * 1000 * touchShare) deps.touch(session.id)
    const place = await placeOf(records, user, session.active_organization_id)
    return accept({
      userId: user.id,
      credential: { kind, id: session.id },
      actor: place && {
        kind: 'member',
        id: user.id,
        organizationId: place.organization.id,
        role: place.role,
        ...(impersonation === undefined
          ? {}
          : { impersonatedBy: impersonation.operatorId, isReadOnly: impersonation.isReadOnly }),
      },
      impersonation,
      isOrganizationActive: place?.organization.status === 'active',
    })
  }
}

/** The operator behind a session, who has to be one still; an operator who was made support meanwhile only looks. */
async function impersonationOf(
  records: Records,
  session: UserSessionRow,
  now: number,
): Promise<Impersonation | 'over' | undefined> {
  const { impersonated_by: operatorId, impersonation_reason: reason } = session
  if (operatorId === null) return undefined
  const role = await impersonatorOf(records, operatorId, now)
  if (role === undefined) return 'over'
  const isReadOnly = session.is_read_only || role !== 'superadmin'
  return { operatorId, reason: reason ?? '', isReadOnly, expiresAt: session.expires_at }
}
