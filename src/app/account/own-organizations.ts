import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import type { OrganizationRow } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Call, Invoke } from '#ports/invoke.ts'
import type { Condition, Records } from '#ports/records.ts'
import type { ConfirmPassword } from './confirm-password.ts'
import type { AuthenticatedPerson, Origin } from './person.ts'
import { membershipOf } from './place.ts'
import type { OwnOrganization } from './team.ts'

/** How a person calls an organization and where its notices go; what is not given stays. */
export interface OrganizationWish {
  readonly name?: string
  readonly email?: string
}

/** The organizations that somebody makes, renames and closes. */
export interface OwnOrganizations {
  /** The call that makes one, owned by the person and subscribed like that of a new account. */
  creation(person: AuthenticatedPerson, wish: OrganizationWish, requestId: string): Promise<Outcome<Call>>
  rename(
    person: AuthenticatedPerson,
    id: string,
    wish: OrganizationWish,
    requestId: string,
  ): Promise<Outcome<OwnOrganization>>
  /** Ends an organization for good, for an owner who typed its name and their password; its keys are refused from the next request on. */
  close(
    person: AuthenticatedPerson,
    wish: { readonly id: string; readonly password: string; readonly confirmation: string },
    origin: Origin,
  ): Promise<Refusal | undefined>
}

/** As many organizations as somebody may own, closed ones too: each comes with a subscription. */
const mostOwned = 50
const unknown = refuse('not_found', 'No such organization')

/** Organizations over their module, written by the product on behalf of an owner: their status is not the owner's to set. */
export function createOwnOrganizations(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly confirmPassword: ConfirmPassword
}): OwnOrganizations {
  const { records } = deps
  const by = (userId: string, requestId: string) => ({
    actor: systemActor,
    onBehalfOf: { kind: 'member', id: userId },
    requestId,
    module: 'organization',
  })

  const owned = async (userId: string, id: string): Promise<Outcome<OrganizationRow>> => {
    const membership = await membershipOf(records, id, userId)
    const organization = membership && (await records.get('organization', id))
    if (organization === undefined || organization.status === 'closed') return unknown
    return membership?.role === 'owner' && organization.is_operator !== true
      ? accept(organization)
      : refuse('permission_denied', 'Only an owner may change an organization')
  }

  return {
    async creation({ userId }, wish, requestId) {
      const user = await records.get('user', userId)
      if (user === undefined) return refuse('not_found', 'No such account')
      const input = { name: wish.name, email: wish.email ?? user.email, owner_id: userId }
      return accept({ ...by(userId, requestId), action: 'create', input })
    },
    async rename({ userId }, id, wish, requestId) {
      const found = await owned(userId, id)
      if (!found.ok) return found
      const outcome = await deps.invoke({
        ...by(userId, requestId),
        action: 'update',
        id,
        input: { ...wish },
      })
      if (!outcome.ok) return outcome
      const organization = await records.get('organization', id)
      return organization === undefined ? unknown : accept({ organization, role: 'owner' })
    },
    async close({ userId }, { id, password, confirmation }, origin) {
      const found = await owned(userId, id)
      if (!found.ok) return found
      const user = await deps.confirmPassword(userId, password, origin.address)
      if (!user.ok) return user
      if (confirmation.trim() !== found.value.name.trim())
        return refuseFields([{ field: 'confirmation', reason: 'must be the name of the organization' }])
      const input = { status: 'closed' }
      const outcome = await deps.invoke({ ...by(userId, origin.requestId), action: 'update', id, input })
      return outcome.ok ? undefined : outcome
    },
  }
}

/** after organization.create: who is to own it does, and owns no more than a bounded number. */
export const joinOwner: Behaviour = async ({ input, id, invoke, records }) => {
  const userId = input['owner_id']
  if (typeof userId !== 'string') return undefined
  const where: Condition[] = [
    { field: 'user_id', op: 'eq', value: userId },
    { field: 'role', op: 'eq', value: 'owner' },
  ]
  const { total = 0 } = await records.list('membership', { where, limit: 1, count: true })
  if (total >= mostOwned)
    return refuse('conflict', `Nobody owns more than ${mostOwned} organizations`, { field: 'owner_id' })
  const joined = await invoke({
    module: 'membership',
    action: 'create',
    input: { organization_id: id, user_id: userId, role: 'owner' },
  })
  return joined.ok ? undefined : joined
}
