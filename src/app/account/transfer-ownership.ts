import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import type { ConfirmPassword } from './confirm-password.ts'
import type { AuthenticatedPerson, Origin } from './person.ts'
import { membershipOf } from './place.ts'

/** Hands an organization to another of its members; who hands it over stays in it as an admin. */
export type TransferOwnership = (
  person: AuthenticatedPerson,
  wish: { readonly organizationId: string; readonly userId: string; readonly password: string },
  origin: Origin,
) => Promise<Outcome<{ readonly organizationId: string; readonly ownerId: string }>>

const noOrganization = refuse('not_found', 'No such organization')
const noOwner = refuse('permission_denied', 'Only an owner may hand an organization over')

/** Both memberships change together with the record of it, from which both people get their mail. */
export function createTransferOwnership(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly confirmPassword: ConfirmPassword
}): TransferOwnership {
  return async ({ userId }, wish, origin) => {
    const { organizationId } = wish
    const own = await membershipOf(deps.records, organizationId, userId)
    if (own === undefined) return noOrganization
    if (own.role !== 'owner') return noOwner
    const user = await deps.confirmPassword(userId, wish.password, origin.address)
    if (!user.ok) return user
    const next = await membershipOf(deps.records, organizationId, wish.userId)
    if (next === undefined || wish.userId === userId)
      return refuseFields([{ field: 'user_id', reason: 'must be another member of the organization' }])
    const made = await deps.invoke({
      actor: systemActor,
      onBehalfOf: { kind: 'member', id: userId },
      requestId: origin.requestId,
      module: 'ownership_transfer',
      action: 'create',
      input: { organization_id: organizationId, from_user_id: userId, to_user_id: wish.userId },
    })
    return made.ok ? accept({ organizationId, ownerId: wish.userId }) : made
  }
}

/** before ownership_transfer.create: the one is an owner until now, the other a member who can sign in; the roles change with it. */
export const transferOwnership: Behaviour = async ({ input, everywhere: { records, invoke } }) => {
  const [organizationId, fromId, toId] = ['organization_id', 'from_user_id', 'to_user_id'].map((name) =>
    String(input[name]),
  ) as [string, string, string]
  const from = await membershipOf(records, organizationId, fromId)
  const to = await membershipOf(records, organizationId, toId)
  if (from?.role !== 'owner') return noOwner
  if (to === undefined || fromId === toId || (await records.get('user', toId))?.status !== 'active')
    return refuseFields([
      { field: 'user_id', reason: 'must be another member of the organization, with an active account' },
    ])
  for (const [id, role] of [
    [to.id, 'owner'],
    [from.id, 'admin'],
  ] as const) {
    const changed = await invoke({ module: 'membership', action: 'update', id, input: { role } })
    if (!changed.ok) return changed
  }
  return undefined
}
