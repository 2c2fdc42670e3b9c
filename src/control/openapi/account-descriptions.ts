import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { listOf, oneOf, shape, shapeOrNull, text, textOrNull, truth, whole } from './shapes.ts'

const time: JsonObject = { type: 'string', format: 'date-time' }
const timeOrNull: JsonObject = { type: ['string', 'null'], format: 'date-time' }
const email: JsonObject = { type: 'string', format: 'email', maxLength: 320 }
const newPassword: JsonObject = { type: 'string', minLength: 8, maxLength: 1_000, writeOnly: true }
const password: JsonObject = { type: 'string', maxLength: 1_000, writeOnly: true }

/** Who is signed in, and where. */
export const accountShapes = {
  user: shape({
    id: text,
    organization_id: textOrNull,
    email: text,
    full_name: text,
    role: { type: ['string', 'null'], enum: ['owner', 'admin', 'member', null] },
    status: oneOf('pending', 'active', 'suspended', 'cancelled'),
    email_verified: truth,
    email_verified_at: timeOrNull,
    two_factor_enabled: truth,
    created_at: time,
  }),
  organization: shapeOrNull({
    id: text,
    name: text,
    slug: text,
    email: textOrNull,
    plan: textOrNull,
    status: oneOf('active', 'suspended', 'closed'),
    created_at: time,
  }),
}
const setCookie: JsonObject = { 'Set-Cookie': { description: 'The session of a browser', schema: text } }
/** A new session, as answers show it. */
export const session = {
  description: 'Signed in',
  schema: enveloped(shape({ ...accountShapes, token: text, expires_at: time })),
  headers: setCookie,
}
/** A body of these fields and no others. */
export const bodyOf = (
  properties: Readonly<Record<string, JsonObject>>,
  optional: readonly string[] = [],
) => {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', required, properties, additionalProperties: false }
}
const described = (
  id: string,
  summary: string,
  body: JsonObject | undefined,
  answers: DescribedOperation['answers'],
  errors: DescribedOperation['errors'] = [],
): DescribedOperation => ({
  id,
  tag: 'Accounts',
  summary,
  ...(body === undefined ? {} : { body: { content: { 'application/json': body }, isRequired: true } }),
  answers,
  errors,
})

const noted = (name: string): DescribedOperation['answers'] => ({
  200: { description: 'Done', schema: enveloped(shape({ [name]: { const: true } })) },
})
const token: JsonObject = { type: 'string', maxLength: 200, description: 'From the mail', writeOnly: true }
const code: JsonObject = { type: 'string', maxLength: 40, writeOnly: true }
const guess = ['invalid_credentials', 'rate_limit_exceeded'] as const
const id: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1 } }
const ended: DescribedOperation['answers'] = {
  200: { description: 'Ended', schema: enveloped(shape({ ended: whole })) },
}
const factor: DescribedOperation['answers'] = {
  200: {
    description: 'Changed; every other session has ended',
    schema: enveloped(
      shape({ two_factor_enabled: truth, recovery_codes: listOf(text), token: text, expires_at: time }),
    ),
    headers: setCookie,
  },
}

const ownAccount: Readonly<Record<string, DescribedOperation>> = {
  'POST /api/v1/auth/request-email-verification': described(
    'request_email_verification',
    'Mail the link that verifies an address; the answer never tells whether there is an account',
    bodyOf({ email }),
    noted('requested'),
    ['rate_limit_exceeded'],
  ),
  'POST /api/v1/auth/verify-email': described(
    'verify_email',
    'Use the link that verifies an address',
    bodyOf({ token }),
    noted('email_verified'),
    ['invalid_token'],
  ),
  'POST /api/v1/auth/request-password-reset': described(
    'request_password_reset',
    'Mail the link that sets a new password; the answer never tells whether there is an account',
    bodyOf({ email }),
    noted('requested'),
    ['rate_limit_exceeded'],
  ),
  'POST /api/v1/auth/reset-password': described(
    'reset_password',
    'Set a new password with a mailed link; every session and token ends',
    bodyOf({ token, password: newPassword }),
    noted('password_reset'),
    ['invalid_token'],
  ),
  'POST /api/v1/auth/change-password': described(
    'change_password',
    'Set another password; every other session ends, and this one goes on as a new one',
    bodyOf({ current_password: password, new_password: newPassword }),
    { 200: session },
    guess,
  ),
  'POST /api/v1/auth/change-email': described(
    'change_email',
    'Ask for another address; it counts once the link that is mailed there was followed',
    bodyOf({ email, password }),
    noted('requested'),
    guess,
  ),
  'POST /api/v1/auth/confirm-email': described(
    'confirm_email',
    'Use the link that was mailed to the new address; every session ends',
    bodyOf({ token }),
    noted('email_changed'),
    ['invalid_token', 'conflict'],
  ),
  'POST /api/v1/auth/close-account': described(
    'close_account',
    'End the account, and the organizations that nobody else belongs to',
    bodyOf({ password, confirmation: { ...text, maxLength: 320, description: 'The e-mail address' } }),
    {
      200: {
        description: 'Closed',
        schema: enveloped(shape({ closed: { const: true } })),
        headers: setCookie,
      },
    },
    [...guess, 'conflict'],
  ),
  'GET /api/v1/auth/sessions': described('list_own_sessions', 'Where the person is signed in', undefined, {
    200: {
      description: 'The newest first',
      schema: enveloped(
        listOf(
          shape({
            id: text,
            user_agent: text,
            ip: text,
            created_at: time,
            last_used_at: timeOrNull,
            expires_at: time,
            is_current: truth,
            is_impersonation: truth,
          }),
        ),
      ),
    },
  }),
  'DELETE /api/v1/auth/sessions': described(
    'end_other_sessions',
    'End every session but the one that asks',
    undefined,
    ended,
  ),
  'DELETE /api/v1/auth/sessions/:id': {
    ...described('end_own_session', 'End one session', undefined, ended, ['not_found']),
    parameters: [id],
  },
  'POST /api/v1/auth/two-factor/begin': described(
    'begin_two_factor',
    'A new secret for an authenticator app; it counts once a code of it was shown',
    bodyOf({ password }),
    { 200: { description: 'The secret', schema: enveloped(shape({ secret: text, uri: text })) } },
    [...guess, 'conflict'],
  ),
  'POST /api/v1/auth/two-factor/enable': described(
    'enable_two_factor',
    'Ask for codes from now on; the answer holds the recovery codes this once',
    bodyOf({ code }),
    factor,
    [...guess, 'conflict'],
  ),
  'POST /api/v1/auth/two-factor/disable': described(
    'disable_two_factor',
    'Ask for codes no more',
    bodyOf({ password, code }),
    factor,
    [...guess, 'conflict'],
  ),
}

/** Accounts of people, by their rule. */
export const accountDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'POST /api/v1/auth/register': described(
    'register_account',
    'Open an account: an organization, its owner, and the default subscription',
    bodyOf(
      {
        organization_name: { ...text, maxLength: 200 },
        email,
        password: newPassword,
        full_name: { ...text, maxLength: 200 },
      },
      ['full_name'],
    ),
    { 201: session },
    ['conflict', 'forbidden', 'rate_limit_exceeded'],
  ),
  'POST /api/v1/auth/login': described(
    'log_in',
    'Sign in: a bearer token for programs, a cookie for browsers, both of one session',
    bodyOf({ email, password, code: { ...text, maxLength: 40, description: 'Of the second factor' } }, [
      'code',
    ]),
    { 200: session },
    ['invalid_credentials', 'two_factor_required', 'forbidden', 'rate_limit_exceeded'],
  ),
  'POST /api/v1/auth/logout': described('log_out', 'End the session that the request came with', undefined, {
    200: {
      description: 'Signed out',
      schema: enveloped(shape({ signed_out: { const: true } })),
      headers: setCookie,
    },
  }),
  'GET /api/v1/auth/me': described(
    'get_account',
    'Who is signed in, and in which organization',
    undefined,
    {
      200: {
        description: 'The account',
        schema: enveloped(
          shape({
            ...accountShapes,
            credential: oneOf('token', 'session'),
            session_id: text,
            impersonation: shapeOrNull({
              operator_id: text,
              reason: text,
              is_read_only: truth,
              expires_at: time,
            }),
          }),
        ),
      },
    },
    ['not_found'],
  ),
  ...ownAccount,
}
