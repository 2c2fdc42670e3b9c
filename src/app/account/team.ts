import { type Actor, type MemberRole, systemActor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { MembershipRow, OrganizationRow, UserRow } from '#contract/rows.gen.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import type { AuthenticatedPerson } from './person.ts'
import { membershipOf } from './place.ts'

type Member = Extract<Actor, { kind: 'member' }>

/** Somebody of an organization. */
export interface TeamMember {
  readonly user: UserRow
  readonly membership: MembershipRow
}

/** An organization that a person belongs to. */
export interface OwnOrganization {
  readonly organization: OrganizationRow
  readonly role: MemberRole
}

/** Who belongs to an organization, and to which organizations somebody belongs. Members are named by their user. */
export interface Team {
  members(
    actor: Member,
    cursor: string | undefined,
  ): Promise<{ members: readonly TeamMember[]; next: string | undefined }>
  changeRole(actor: Member, userId: string, role: string, requestId: string): Promise<Outcome<TeamMember>>
  /** Takes somebody out, or lets them leave themselves: their keys for the organization end with it. */
  remove(actor: Member, userId: string, requestId: string): Promise<Refusal | undefined>
  organizations(userId: string): Promise<readonly OwnOrganization[]>
  /** Lets this one session act in another of the person's organizations, from the next request on. */
  switchTo(person: AuthenticatedPerson, id: string, requestId: string): Promise<Outcome<OwnOrganization>>
}

const noMember = refuse('not_found', 'No such member')
const noOrganization = refuse('not_found', 'No such organization')
const equals = (field: string, value: string) => ({ field, op: 'eq', value }) as const

/** The team over the modules of memberships; every write of a member is their own call, under the rights of the module. */
export function createTeam({
  records,
  invoke,
}: {
  readonly records: Records
  readonly invoke: Invoke
}): Team {
  const find = (organizationId: string, userId: string) => membershipOf(records, organizationId, userId)
  const withUser = async (membership: MembershipRow): Promise<TeamMember | undefined> => {
    const user = await records.get('user', membership.user_id)
    return user && { user, membership }
  }
  const open = async ({ organization_id: id, role }: MembershipRow): Promise<OwnOrganization | undefined> => {
    const organization = await records.get('organization', id)
    return organization === undefined || organization.status === 'closed' ? undefined : { organization, role }
  }
  return {
    async members({ organizationId }, cursor) {
      const page = await records.list('membership', {
        where: [equals('organization_id', organizationId)],
        sort: { field: 'created_at', descending: false },
        limit: 100,
        ...(cursor === undefined ? {} : { cursor }),
      })
      const members = await Promise.all(page.items.map(withUser))
      return { members: members.filter((member) => member !== undefined), next: page.nextCursor }
    },
    async changeRole(actor, userId, role, requestId) {
      const { id } = (await find(actor.organizationId, userId)) ?? {}
      if (id === undefined) return noMember
      const call = { actor, requestId, module: 'membership', action: 'update', id, input: { role } }
      const outcome = await invoke(call)
      if (!outcome.ok) return outcome
      const membership = await records.get('membership', id)
      const member = membership && (await withUser(membership))
      return member === undefined ? noMember : accept(member)
    },
    async remove(actor, userId, requestId) {
      const { id } = (await find(actor.organizationId, userId)) ?? {}
      if (id === undefined) return noMember
      const outcome = await invoke({ actor, requestId, module: 'membership', action: 'delete', id })
      return outcome.ok ? undefined : outcome
    },
    async organizations(userId) {
      const { items } = await records.list('membership', {
        where: [equals('user_id', userId)],
        sort: { field: 'created_at', descending: false },
        limit: 100,
      })
      return (await Promise.all(items.map(open))).filter((organization) => organization !== undefined)
    },
    async switchTo({ userId, credential }, organizationId, requestId) {
      const membership = await find(organizationId, userId)
      const own = membership && (await open(membership))
      if (own === undefined) return noOrganization
      const outcome = await invoke({
        actor: systemActor,
        onBehalfOf: { kind: 'member', id: userId },
        requestId,
        module: 'user_session',
        action: 'update',
        id: credential.id,
        input: { active_organization_id: organizationId },
      })
      return outcome.ok ? accept(own) : outcome
    },
  }
}
