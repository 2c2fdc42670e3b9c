import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { Call, InvokeAll } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Records } from '#ports/records.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'
import { crowded } from './attempts.ts'
import type { Background } from './background.ts'
import type { Invitations, InvitationView } from './invitations.ts'
import type { PrepareSession } from './open-session.ts'
import type { AuthenticatedPerson, OpenedSession, Origin } from './person.ts'

/** What somebody without an account brings along. */
export interface NewMember {
  readonly token: string
  readonly password: string
  readonly fullName: string
}

/** Who came in: with the account that they are signed in with, or with a new one and its first session. */
export interface Accepted {
  readonly userId: string
  readonly organizationId: string
  readonly opened: OpenedSession | undefined
}

/** Takes an invitation up. */
export type AcceptInvitation = (
  wish: NewMember,
  person: AuthenticatedPerson | undefined,
  origin: Origin,
) => Promise<Outcome<Accepted>>

const signInFirst = refuse('unauthorized', 'The invited address has an account: sign in with it, then accept')
const otherAddress = refuse(
  'permission_denied',
  'The invitation is for another address than that of your account',
)
const isThere = refuse('conflict', 'You belong to the organization already')

interface Parts {
  readonly records: Records
  readonly invitations: Pick<Invitations, 'find'>
  readonly invokeAll: InvokeAll
  readonly passwordHash: PasswordHash
  readonly prepareSession: PrepareSession
  readonly gate: NarrowGate
  readonly background: Background
  readonly sendMail: SendMail
  readonly metrics: Pick<Metrics, 'registration'>
  readonly clock: Clock
}

/**
 * The end of the invitation, the membership and the account or the place of the session are one transaction, so that two at once are one.
 * Whoever has the mail has shown that the address is theirs.
 */
export function createAcceptInvitation(parts: Parts): AcceptInvitation {
  const now = (): string => new Date(parts.clock.now()).toISOString()

  const join = async (
    { invitation, organization }: InvitationView,
    person: AuthenticatedPerson,
    requestId: string,
  ): Promise<Outcome<Accepted>> => {
    const user = await parts.records.get('user', person.userId)
    if (user?.email !== invitation.email) return otherAddress
    const by = { actor: systemActor, onBehalfOf: { kind: 'member', id: user.id }, requestId }
    const [organizationId, role] = [organization.id, invitation.role]
    const verified = user.status === 'pending' ? { status: 'active' } : {}
    const calls: Call[] = [
      { ...by, module: 'invitation', action: 'accept', id: invitation.id },
      {
        ...by,
        module: 'membership',
        action: 'create',
        input: { organization_id: organizationId, user_id: user.id, role },
      },
      {
        ...by,
        module: 'user_session',
        action: 'update',
        id: person.credential.id,
        input: { active_organization_id: organizationId },
      },
    ]
    if (user.email_verified_at === null)
      calls.push({
        ...by,
        module: 'user',
        action: 'update',
        id: user.id,
        input: { email_verified_at: now(), ...verified },
      })
    const outcome = await parts.invokeAll(calls)
    if (!outcome.ok) return outcome.details?.['call'] === 1 && outcome.code === 'conflict' ? isThere : outcome
    return accept({ userId: user.id, organizationId, opened: undefined })
  }

  const open = async (
    { invitation, organization }: InvitationView,
    wish: NewMember,
    origin: Origin,
  ): Promise<Outcome<Accepted>> => {
    if (wish.password === '')
      return refuseFields([{ field: 'password', reason: 'is required for a new account' }])
    if (parts.gate.isFull()) return crowded
    const hash = await parts.gate.run(() => parts.passwordHash.hash(wish.password))
    const { email, role } = invitation
    const system = { actor: systemActor, requestId: origin.requestId }
    const user = {
      email,
      name: wish.fullName,
      password_hash: hash,
      email_verified_at: now(),
      without_organization: true,
    }
    const membership = { organization_id: organization.id, user_id: email, role }
    const opening = await parts.prepareSession(email, origin, organization.id)
    const outcome = await parts.invokeAll([
      { ...system, module: 'invitation', action: 'accept', id: invitation.id },
      { ...system, module: 'user', action: 'create', input: user },
      { ...system, module: 'membership', action: 'create', input: membership },
      opening.call,
    ])
    if (!outcome.ok)
      return outcome.details?.['call'] === 1 && outcome.code === 'conflict' ? signInFirst : outcome
    const session = outcome.value[3]
    if (session === undefined)
      throw new Fault('internal_error', 'an invitation that was accepted made no session')
    parts.metrics.registration()
    const opened = await opening.opened(session)
    parts.background.start('welcome mail', () =>
      parts.sendMail({
        template: 'welcome',
        to: email,
        data: { name: wish.fullName || email, organization: organization.name },
        dedupeKey: `welcome ${opened.session.user_id}`,
      }),
    )
    return accept({ userId: opened.session.user_id, organizationId: organization.id, opened })
  }

  return async (wish, person, origin) => {
    const found = await parts.invitations.find(wish.token)
    if (!found.ok) return found
    if (person !== undefined) return join(found.value, person, origin.requestId)
    return found.value.invited === undefined ? open(found.value, wish, origin) : signInFirst
  }
}
