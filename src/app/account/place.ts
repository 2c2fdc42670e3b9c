import type { MemberRole } from '#contract/actor.ts'
import type { MembershipRow, OrganizationRow, UserRow } from '#contract/rows.gen.ts'
import type { Records } from '#ports/records.ts'

/** A person's place: the organization that they act in, and as what. */
export interface Place {
  readonly organization: OrganizationRow
  readonly role: MemberRole
}

/** The place of a person: in the wished organization, else in their own, else in the one they joined first. */
export async function placeOf(
  records: Records,
  user: Pick<UserRow, 'id' | 'organization_id'>,
  wishedOrganizationId: string | null,
): Promise<Place | undefined> {
  const isTheirs = { field: 'user_id', op: 'eq', value: user.id } as const
  const { items } = await records.list('membership', {
    where: [isTheirs],
    sort: { field: 'created_at', descending: false },
    limit: 100,
  })
  const wished = [wishedOrganizationId, user.organization_id]
  const order = [...wished.map((id) => items.find((item) => item.organization_id === id)), ...items]
  for (const membership of order) {
    if (membership === undefined) continue
    const organization = await records.get('organization', membership.organization_id)
    if (organization !== undefined && organization.status !== 'closed')
      return { organization, role: membership.role }
  }
  return undefined
}

/** Somebody's membership of an organization. */
export async function membershipOf(
  records: Records,
  organizationId: string,
  userId: string,
): Promise<MembershipRow | undefined> {
  const where = [
    { field: 'organization_id', op: 'eq', value: organizationId },
    { field: 'user_id', op: 'eq', value: userId },
  ] as const
  return (await records.list('membership', { where, limit: 1 })).items[0]
}
