import type { Accounts } from '#app/account/accounts.ts'
import type { TeamMember } from '#app/account/team.ts'
import type { MemberRole } from '#contract/actor.ts'
import { refuse } from '#contract/outcome.ts'
import type { OrganizationRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { ControlHandler } from '../route-table.ts'
import { readFields } from './fields.ts'

const signIn = refuse('unauthorized', 'Sign in first')

/** Members of an organization, and the organizations of a person, by their rule. */
export function teamHandlers({
  accounts,
}: {
  readonly accounts: Pick<Accounts, 'team'>
}): Readonly<Record<string, ControlHandler>> {
  return {
    'DELETE /api/v1/team/members/:id': async ({ person, parameters, requestId }) => {
      if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
      const refusal = await accounts.team.remove(person.actor, parameters['id'] ?? '', requestId)
      return refusal === undefined ? dataAnswer({ removed: true }) : refusalAnswer(refusal, requestId)
    },
    'GET /api/v1/organizations': async ({ person, requestId }) => {
      if (person === undefined) return refusalAnswer(signIn, requestId)
      const all = await accounts.team.organizations(person.userId)
      return dataAnswer(all.map((own) => organizationData(own, person.actor?.organizationId)))
    },
    'GET /api/v1/team/members': async ({ person, request, requestId }) => {
      if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
      const cursor = new URL(request.url).searchParams.get('cursor') ?? undefined
      const { members, next } = await accounts.team.members(person.actor, cursor)
      return dataAnswer({ members: members.map(memberData), next_cursor: next ?? null })
    },
    'POST /api/v1/organizations/:id/switch': async ({ person, parameters, requestId }) => {
      if (person === undefined) return refusalAnswer(signIn, requestId)
      const outcome = await accounts.team.switchTo(person, parameters['id'] ?? '', requestId)
      if (!outcome.ok) return refusalAnswer(outcome, requestId)
      return dataAnswer(organizationData(outcome.value, outcome.value.organization.id))
    },
    'PUT /api/v1/team/members/:id/role': async ({ person, request, parameters, requestId }) => {
      if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
      const fields = await readFields(request, { role: { most: 20 } })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const { role } = fields.value
      const outcome = await accounts.team.changeRole(person.actor, parameters['id'] ?? '', role, requestId)
      return outcome.ok ? dataAnswer(memberData(outcome.value)) : refusalAnswer(outcome, requestId)
    },
  }
}

const memberData = ({ user, membership }: TeamMember) => ({
  id: user.id,
  email: user.email,
  full_name: user.name,
  role: membership.role,
  status: user.status,
  joined_at: membership.created_at,
})

/** An organization as its people see it. */
export const organizationData = (
  {
    organization,
    role,
  }: {
    readonly organization: Pick<OrganizationRow, 'id' | 'name' | 'slug' | 'email' | 'status'>
    readonly role: MemberRole
  },
  activeId: string | undefined,
) => ({
  id: organization.id,
  name: organization.name,
  slug: organization.slug,
  email: organization.email,
  status: organization.status,
  role,
  is_active: organization.id === activeId,
})
