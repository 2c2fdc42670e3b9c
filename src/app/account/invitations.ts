import { type Actor, type MemberRole, systemActor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { InvitationRow, OrganizationRow, UserRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { isBacked, isOpenInvitation } from './end-invitation.ts'
import { invalidLink } from './one-time-token.ts'

type Member = Extract<Actor, { kind: 'member' }>

/** An invitation with who is in it. */
export interface InvitationView {
  readonly invitation: InvitationRow
  readonly organization: OrganizationRow
  readonly role: MemberRole
  /** The account that the address has already. */
  readonly invited: UserRow | undefined
  readonly inviter: UserRow | undefined
}

/** Invitations, seen by those who make them and by who holds the token of one. */
export interface Invitations {
  /** Those that can still be answered, the newest first. */
  pending(
    actor: Member,
    cursor: string | undefined,
  ): Promise<{ items: readonly InvitationRow[]; next: string | undefined }>
  cancel(actor: Member, id: string, requestId: string): Promise<Refusal | undefined>
  /** What a token is good for; every token that is good for nothing is the same refusal. */
  find(token: string): Promise<Outcome<InvitationView>>
  decline(token: string, requestId: string): Promise<Outcome<InvitationView>>
}

const tokenForm = /^inv_[0-9a-f]{64}$/
const unknown = refuse('not_found', 'No such invitation')

/** Invitations over their module. */
export function createInvitations(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly tokenDigest: TokenDigest
  readonly clock: Clock
}): Invitations {
  const { records, clock } = deps

  const find: Invitations['find'] = async (token) => {
    if (!tokenForm.test(token)) return invalidLink
    const invitation = await records.getBy('invitation', 'hash', deps.tokenDigest.digest(token))
    if (invitation === undefined || !isOpenInvitation(invitation, clock.now())) return invalidLink
    const organization = await records.get('organization', invitation.organization_id)
    if (organization === undefined || !(await isBacked(records, invitation))) return invalidLink
    return accept({
      invitation,
      organization,
      role: invitation.role,
      invited: await records.getBy('user', 'email', invitation.email),
      inviter: invitation.invited_by === null ? undefined : await records.get('user', invitation.invited_by),
    })
  }

  return {
    find,
    async pending({ organizationId }, cursor) {
      const page = await records.list('invitation', {
        where: [
          { field: 'organization_id', op: 'eq', value: organizationId },
          { field: 'status', op: 'eq', value: 'pending' },
          { field: 'expires_at', op: 'gt', value: new Date(clock.now()).toISOString() },
        ],
        sort: { field: 'created_at', descending: true },
        limit: 100,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { items: page.items, next: page.nextCursor }
    },
    async cancel(actor, id, requestId) {
      const row = await records.get('invitation', id)
      if (row?.organization_id !== actor.organizationId) return unknown
      const outcome = await deps.invoke({ actor, requestId, module: 'invitation', action: 'cancel', id })
      return outcome.ok ? undefined : outcome
    },
    async decline(token, requestId) {
      const found = await find(token)
      if (!found.ok) return found
      const { invitation, invited } = found.value
      const declined = await deps.invoke({
        actor: systemActor,
        ...(invited === undefined ? {} : { onBehalfOf: { kind: 'member', id: invited.id } }),
        requestId,
        module: 'invitation',
        action: 'decline',
        id: invitation.id,
      })
      return declined.ok ? found : declined
    },
  }
}
