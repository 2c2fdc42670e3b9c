import type { Accepted } from '#app/account/accept-invitation.ts'
import type { InvitationView } from '#app/account/invitations.ts'
import { successBody } from '#contract/envelope.ts'
import { refuse } from '#contract/outcome.ts'
import type { InvitationRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { idempotentPost, type OnceDependencies } from '#core/channel/http/idempotent-post.ts'
import type { Row } from '#ports/records.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { isFromElsewhere } from '../same-site.ts'
import { accountData, originOf } from './answers.ts'
import { emailField, newPasswordField, readFields, tokenField } from './fields.ts'
import { type AccountDependencies, refused, sessionAnswer } from './sign-in-handlers.ts'

/** What the addresses of invitations need. */
export type InvitationDependencies = AccountDependencies & OnceDependencies

const signIn = refuse('unauthorized', 'Sign in first')
const foreign = refuse('forbidden', 'Invitations are only accepted from the pages of this address')

/** Inviting people, and what they answer, by their rule. */
export function invitationHandlers(deps: InvitationDependencies): Readonly<Record<string, ControlHandler>> {
  const { invitations } = deps.accounts
  return {
    'DELETE /api/v1/team/invitations/:id': async ({ person, parameters, requestId }) => {
      if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
      const refusal = await invitations.cancel(person.actor, parameters['id'] ?? '', requestId)
      return refusal === undefined ? dataAnswer({ cancelled: true }) : refusalAnswer(refusal, requestId)
    },
    'GET /api/v1/team/invitations': async ({ person, request, requestId }) => {
      if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
      const cursor = new URL(request.url).searchParams.get('cursor') ?? undefined
      const { items, next } = await invitations.pending(person.actor, cursor)
      return dataAnswer({ invitations: items.map(invitationData), next_cursor: next ?? null })
    },
    'POST /api/v1/team/invite': inviteHandler(deps),
    'POST /api/v1/team/accept-invitation': acceptHandler(deps),
    'POST /api/v1/team/decline-invitation': async ({ request, requestId }) => {
      const fields = await readFields(request, { token: tokenField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const declined = await invitations.decline(fields.value.token, requestId)
      return declined.ok ? dataAnswer({ declined: true }) : refusalAnswer(declined, requestId)
    },
    'POST /api/v1/team/view-invitation': async ({ request, requestId }) => {
      const fields = await readFields(request, { token: tokenField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const found = await invitations.find(fields.value.token)
      return found.ok ? dataAnswer(viewData(found.value)) : refusalAnswer(found, requestId)
    },
  }
}

function inviteHandler(deps: InvitationDependencies): ControlHandler {
  return async (asked) => {
    const { person, request, requestId } = asked
    if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
    const fields = await readFields(request, { email: emailField, role: { most: 20, isOptional: true } })
    if (!fields.ok) return refusalAnswer(fields, requestId)
    const { email, role } = fields.value
    const input = { email: email.trim(), ...(role === '' ? {} : { role }) }
    const call = { actor: person.actor, requestId, module: 'invitation', action: 'create', input }
    return idempotentPost(deps, asked, call, ({ row }) => ({
      status: 201,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(successBody(invitationData(row))),
    }))
  }
}

function acceptHandler(deps: InvitationDependencies): ControlHandler {
  return async (asked) => {
    const { person, request, requestId, incoming } = asked
    if (isFromElsewhere(request, deps.isSecure(incoming))) return refusalAnswer(foreign, requestId)
    const fields = await readFields(request, {
      token: tokenField,
      password: { ...newPasswordField, isOptional: true },
      full_name: { most: 200, isOptional: true },
    })
    if (!fields.ok) return refusalAnswer(fields, requestId)
    const { token, password, full_name: fullName } = fields.value
    const wish = { token, password, fullName: fullName.trim() }
    const accepted = await deps.accounts.acceptInvitation(wish, person, originOf(deps, asked))
    return accepted.ok ? acceptedAnswer(deps, asked, accepted.value) : refused(deps, asked, accepted)
  }
}

/** A new account is answered like a registration; who was signed in goes on in the session that they have. */
async function acceptedAnswer(
  deps: InvitationDependencies,
  asked: ControlRequest,
  { opened, userId, organizationId }: Accepted,
): Promise<Response> {
  if (opened !== undefined) return sessionAnswer(deps, asked, opened, 201)
  const view = await deps.accounts.view(userId, organizationId)
  return view.ok ? dataAnswer(accountData(view.value)) : refusalAnswer(view, asked.requestId)
}

const invitationData = (invitation: InvitationRow | Row) => ({
  id: invitation.id,
  organization_id: invitation['organization_id'],
  email: invitation['email'],
  role: invitation['role'],
  status: invitation['status'],
  invited_by: invitation['invited_by'],
  expires_at: invitation['expires_at'],
  created_at: invitation['created_at'],
})

const viewData = ({ invitation, organization, invited, inviter }: InvitationView) => ({
  organization: { id: organization.id, name: organization.name },
  email: invitation.email,
  role: invitation.role,
  invited_by: inviter === undefined ? null : inviter.name || inviter.email,
  expires_at: invitation.expires_at,
  has_account: invited !== undefined,
})
