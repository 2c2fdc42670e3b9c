import { type Actor, systemActor } from '#contract/actor.ts'
import type { AuditNote } from '#contract/audit.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { UserRow, UserSessionRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { isLive } from '../identity/credentials.ts'
import type { PrepareSession } from './open-session.ts'
import type { AuthenticatedPerson, OpenedSession, Origin } from './person.ts'
import { placeOf } from './place.ts'

type Operator = Extract<Actor, { kind: 'operator' }>

/** Whom an operator wants to act as, why, and for how long. */
export interface ImpersonationWish {
  /** Id or e-mail. */
  readonly user: string
  /** Undefined is the person's own organization. */
  readonly organizationId: string | undefined
  readonly reason: string
  readonly minutes: number
}

/** Operators who act as a person for a while: a superadmin with the person's rights, support to look only. */
export interface Impersonations {
  begin(operator: Operator, wish: ImpersonationWish, origin: Origin): Promise<Outcome<OpenedSession>>
  /** Those that go on, the newest first. */
  list(): Promise<readonly UserSessionRow[]>
  /** Ends one; support ends only its own. */
  end(operator: Operator, sessionId: string, requestId: string): Promise<Refusal | undefined>
  /** Ends the one that a request came with. */
  leave(person: AuthenticatedPerson, requestId: string): Promise<Refusal | undefined>
}

const notAllowed = refuse('permission_denied', 'Only a superadmin, or support to look, may act as a person')
const nobody = refuse('not_found', 'No such user')
const noPlace = refuse('conflict', 'The user has no place in this organization', { field: 'organization_id' })
const notActive = refuse('account_suspended', 'The account is not active')
const unknown = refuse('not_found', 'No such impersonation')
const notImpersonating = refuse('conflict', 'Nobody acts as somebody else here')

/**
 * The organization's audit log tells of it before there is a session, that of the instance with it: no session is without both. The
 * session is bound to the operator, as it is looked at again at each request.
 */
export function createImpersonations(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly prepareSession: PrepareSession
  readonly note: (note: AuditNote) => Promise<void>
  readonly clock: Clock
}): Impersonations {
  const { records, clock } = deps

  const findUser = (user: string): Promise<UserRow | undefined> =>
    user.includes('@') ? records.getBy('user', 'email', user.trim().toLowerCase()) : records.get('user', user)

  const finish = async (session: UserSessionRow, operatorId: string, requestId: string) => {
    const onBehalfOf = { kind: 'operator', id: operatorId }
    const call = { actor: systemActor, onBehalfOf, requestId, module: 'user_session' }
    const outcome = await deps.invoke({ ...call, action: 'revoke', id: session.id })
    if (!outcome.ok) return outcome.code === 'not_found' ? undefined : outcome
    await deps.note({
      actor: onBehalfOf,
      action: 'impersonation.end',
      outcome: 'done',
      module: 'user',
      recordId: session.user_id,
      requestId,
      ...(session.active_organization_id === null ? {} : { organizationId: session.active_organization_id }),
    })
    return undefined
  }

  return {
    async begin(operator, wish, origin) {
      if (operator.role !== 'superadmin' && operator.role !== 'support') return notAllowed
      const user = await findUser(wish.user)
      if (user === undefined) return nobody
      if (user.status !== 'active' && user.status !== 'pending') return notActive
      const place = await placeOf(records, user, wish.organizationId ?? null)
      const isThere = wish.organizationId === undefined || place?.organization.id === wish.organizationId
      if (place === undefined || !isThere) return noPlace
      const isReadOnly = operator.role !== 'superadmin'
      const { id: organizationId } = place.organization
      const lifetimeMs = wish.minutes * 60_000
      await deps.note({
        actor: { kind: 'operator', id: operator.id },
        action: 'impersonation.begin',
        outcome: 'done',
        organizationId,
        module: 'user',
        recordId: user.id,
        details: { reason: wish.reason, minutes: wish.minutes, is_read_only: isReadOnly },
        requestId: origin.requestId,
      })
      const terms = { operatorId: operator.id, reason: wish.reason, isReadOnly, lifetimeMs }
      const opening = await deps.prepareSession(user.id, origin, organizationId, terms)
      const opened = await deps.invoke(opening.call)
      return opened.ok ? accept(await opening.opened(opened.value)) : opened
    },
    async list() {
      const { items } = await records.list('user_session', {
        where: [
          { field: 'impersonated_by', op: 'ne', value: null },
          { field: 'revoked_at', op: 'eq', value: null },
          { field: 'expires_at', op: 'gt', value: new Date(clock.now()).toISOString() },
        ],
        sort: { field: 'created_at', descending: true },
        limit: 100,
      })
      return items
    },
    async end(operator, sessionId, requestId) {
      const session = await records.get('user_session', sessionId)
      if (session?.impersonated_by == null || !isLive(session, clock.now())) return unknown
      if (operator.role !== 'superadmin' && session.impersonated_by !== operator.id) return notAllowed
      return finish(session, operator.id, requestId)
    },
    async leave({ impersonation, credential }, requestId) {
      const session = await records.get('user_session', credential.id)
      if (impersonation === undefined || session === undefined) return notImpersonating
      return finish(session, impersonation.operatorId, requestId)
    },
  }
}

/** The operator behind an impersonation as they are now: an account or a token; undefined when they may not (any more). */
export async function impersonatorOf(
  records: Records,
  id: string,
  now: number,
): Promise<'superadmin' | 'support' | undefined> {
  const operator = await records.get('operator', id)
  const token = operator === undefined ? await records.get('operator_token', id) : undefined
  const isGood =
    operator === undefined ? token !== undefined && isLive(token, now) : operator.status === 'active'
  const role = operator?.role ?? token?.role
  return isGood && role !== 'billing' ? role : undefined
}
