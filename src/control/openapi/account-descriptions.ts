import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { oneOf, shape, shapeOrNull, text, textOrNull, truth } from './shapes.ts'

const time: JsonObject = { type: 'string', format: 'date-time' }
const timeOrNull: JsonObject = { type: ['string', 'null'], format: 'date-time' }
const email: JsonObject = { type: 'string', format: 'email', maxLength: 320 }
const newPassword: JsonObject = { type: 'string', minLength: 8, maxLength: 1_000, writeOnly: true }
const password: JsonObject = { type: 'string', maxLength: 1_000, writeOnly: true }

const account = {
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
const session = {
  description: 'Signed in',
  schema: enveloped(shape({ ...account, token: text, expires_at: time })),
  headers: setCookie,
}
const bodyOf = (properties: Readonly<Record<string, JsonObject>>, optional: readonly string[] = []) => {
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

/** Signing up, in and out, by their rule. */
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
    ['invalid_credentials', 'forbidden', 'rate_limit_exceeded'],
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
        schema: enveloped(shape({ ...account, credential: oneOf('token', 'session'), session_id: text })),
      },
    },
    ['not_found'],
  ),
}
