import { refuse } from '#contract/outcome.ts'
import type { InvitationRow } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Records, Row } from '#ports/records.ts'
import { invalidLink } from './one-time-token.ts'
import { membershipOf } from './place.ts'

/** True while an invitation can be answered. */
export const isOpenInvitation = (invitation: Row | InvitationRow, now: number): boolean =>
  invitation['status'] === 'pending' && Date.parse(String(invitation['expires_at'])) > now

/** before invitation.decline: an invitation is answered once. */
export const checkOpenInvitation: Behaviour = ({ before, now }) =>
  before !== undefined && isOpenInvitation(before, now) ? undefined : invalidLink

/** before invitation.cancel: what was answered stays answered. */
export const checkCancellation: Behaviour = ({ before }) =>
  before?.['status'] === 'pending'
    ? undefined
    : refuse('illegal_transition', 'The invitation was answered or taken back already', { field: 'status' })

/**
 * before invitation.accept: once, in time, into an organization that is there, and only while whoever invited may still invite: nobody
 * comes in through the invitation of somebody who was taken out.
 */
export const checkAcceptance: Behaviour = async (context) => {
  const { before, everywhere } = context
  const refusal = await checkOpenInvitation(context)
  if (refusal !== undefined || before === undefined) return refusal ?? invalidLink
  return (await isBacked(everywhere.records, before)) ? undefined : invalidLink
}

/** Whether an invitation's organization is there, and its inviter still somebody who may invite. */
export async function isBacked(records: Records, invitation: Row | InvitationRow): Promise<boolean> {
  const organizationId = String(invitation['organization_id'])
  const organization = await records.get('organization', organizationId)
  if (organization?.status !== 'active') return false
  const inviterId = invitation['invited_by']
  if (inviterId === null) return true
  const inviter = await records.get('user', String(inviterId))
  if (inviter?.status !== 'active' && inviter?.status !== 'pending') return false
  const membership = await membershipOf(records, organizationId, inviter.id)
  return membership?.role === 'owner' || membership?.role === 'admin'
}
