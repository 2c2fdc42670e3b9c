import { type JsonObject, reference } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { accountShapes, bodyOf } from './account-descriptions.ts'
import { listOf, oneOf, query, shape, text, textOrNull, truth } from './shapes.ts'
import { organization } from './team-descriptions.ts'

const tag = 'Team'
const role = oneOf('admin', 'member')
const time: JsonObject = { type: 'string', format: 'date-time' }
const email: JsonObject = { type: 'string', format: 'email', maxLength: 320 }
const password: JsonObject = { type: 'string', maxLength: 1_000, writeOnly: true }
const token: JsonObject = { type: 'string', maxLength: 200, description: 'From the mail', writeOnly: true }
const name: JsonObject = { type: 'string', maxLength: 200 }
const invitation = shape({
  id: text,
  organization_id: text,
  email: text,
  role,
  status: oneOf('pending', 'accepted', 'declined', 'cancelled', 'replaced'),
  invited_by: textOrNull,
  expires_at: time,
  created_at: time,
})
const setCookie: JsonObject = { 'Set-Cookie': { description: 'The session of a browser', schema: text } }
const once = [reference('parameters', 'IdempotencyKey')]
const json = (schema: JsonObject) => ({ content: { 'application/json': schema }, isRequired: true })
const done = (description: string, data: JsonObject, status = 200): DescribedOperation['answers'] => ({
  [status]: { description, schema: enveloped(data) },
})

/** Inviting people, and what they answer, by their rule. */
export const invitationDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /api/v1/team/invite': {
    id: 'invite_to_team',
    tag,
    summary: 'Invite somebody by mail; the invitation is open for seven days',
    parameters: once,
    body: json(bodyOf({ email, role }, ['role'])),
    answers: done('Invited', invitation, 201),
    errors: ['permission_denied', 'conflict', 'idempotency_mismatch', 'rate_limit_exceeded'],
  },
  'GET /api/v1/team/invitations': {
    id: 'list_team_invitations',
    tag,
    summary: 'The invitations that can still be answered, newest first, a hundred a page',
    parameters: [query('cursor', text, 'Where the page before ended')],
    answers: done('A page', shape({ invitations: listOf(invitation), next_cursor: textOrNull })),
    errors: ['permission_denied'],
  },
  'DELETE /api/v1/team/invitations/:id': {
    id: 'cancel_team_invitation',
    tag,
    summary: 'Take an invitation back',
    answers: done('Taken back', shape({ cancelled: { const: true } })),
    errors: ['not_found', 'permission_denied', 'illegal_transition'],
  },
  'POST /api/v1/team/view-invitation': {
    id: 'view_team_invitation',
    tag,
    summary: 'What an invitation is for, for who holds its token',
    body: json(bodyOf({ token })),
    answers: done(
      'The invitation',
      shape({
        organization: shape({ id: text, name: text }),
        email: text,
        role,
        invited_by: textOrNull,
        expires_at: time,
        has_account: { ...truth, description: 'Whether to sign in first, or to choose a password' },
      }),
    ),
    errors: ['invalid_token'],
  },
  'POST /api/v1/team/accept-invitation': {
    id: 'accept_team_invitation',
    tag,
    summary: 'Join: signed in with the invited address, or with a new account for it',
    description:
      'Who has an account signs in and sends the token alone; the session acts in the organization from then on. Who has none chooses a password, gets an account whose address is verified, and is signed in.',
    body: json(
      bodyOf({ token, password: { ...password, minLength: 8 }, full_name: name }, ['password', 'full_name']),
    ),
    answers: {
      200: { description: 'Joined', schema: enveloped(shape(accountShapes)) },
      201: {
        description: 'Joined with a new account, and signed in',
        schema: enveloped(shape({ ...accountShapes, token: text, expires_at: time })),
        headers: setCookie,
      },
    },
    errors: ['invalid_token', 'unauthorized', 'forbidden', 'permission_denied', 'conflict'],
  },
  'POST /api/v1/team/decline-invitation': {
    id: 'decline_team_invitation',
    tag,
    summary: 'Decline an invitation, for who holds its token',
    body: json(bodyOf({ token })),
    answers: done('Declined', shape({ declined: { const: true } })),
    errors: ['invalid_token'],
  },
}

/** Organizations as a whole, by their rule. */
export const organizationDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /api/v1/organizations': {
    id: 'create_own_organization',
    tag,
    summary: 'Make another organization and own it; the session stays where it is until it is switched',
    parameters: once,
    body: json(bodyOf({ name, email }, ['email'])),
    answers: done('Made', organization, 201),
    errors: ['conflict', 'idempotency_mismatch'],
  },
  'PATCH /api/v1/organizations/:id': {
    id: 'rename_own_organization',
    tag,
    summary: 'Change the name of an organization, or the address of its notices; for owners',
    body: json(bodyOf({ name, email }, ['name', 'email'])),
    answers: done('Changed', organization),
    errors: ['not_found', 'permission_denied', 'conflict'],
  },
  'POST /api/v1/organizations/:id/close': {
    id: 'close_own_organization',
    tag,
    summary: 'End an organization for good; none of its keys is served any more',
    body: json(bodyOf({ password, confirmation: { ...name, description: 'The name of the organization' } })),
    answers: done('Closed', shape({ closed: { const: true } })),
    errors: ['not_found', 'permission_denied', 'invalid_credentials', 'rate_limit_exceeded'],
  },
  'POST /api/v1/organizations/:id/transfer': {
    id: 'transfer_own_organization',
    tag,
    summary: 'Make another member the owner and stay as an admin; both get a mail',
    body: json(bodyOf({ user_id: { type: 'string', maxLength: 64 }, password })),
    answers: done('Handed over', shape({ organization_id: text, owner_id: text })),
    errors: ['not_found', 'permission_denied', 'invalid_credentials', 'rate_limit_exceeded'],
  },
}
