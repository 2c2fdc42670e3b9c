import type { JsonObject } from '#core/channel/openapi/json-schema.ts'
import { type DescribedOperation, enveloped } from '#core/channel/openapi/operation.ts'
import { session } from './account-descriptions.ts'
import { listOf, query, shape, text, textOrNull, truth } from './shapes.ts'

const part = (name: string, description: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', minLength: 1 },
})
const provider = part('provider', 'Of the list of ways to sign in')
const setCookie: JsonObject = { 'Set-Cookie': { description: 'What belongs to the sign-in', schema: text } }
const elsewhere: JsonObject = { Location: { description: 'Where to go on', schema: text }, ...setCookie }
const returnTo = { ...text, maxLength: 500, description: 'The path to come back to; /portal when not given' }

/** Signing in with an account elsewhere, by its rule. */
export const oauthDescriptions: Readonly<Record<string, DescribedOperation>> = {
  'GET /api/v1/auth/oauth': {
    id: 'list_sign_in_providers',
    tag: 'Sign-in elsewhere',
    summary: 'The ways to sign in with an account elsewhere',
    parameters: [
      query('email', text, 'Also the way of the organization that has the domain of this address'),
    ],
    answers: {
      200: {
        description: 'All of them',
        schema: enveloped(
          shape({
            providers: listOf(
              shape({ provider: text, label: text, is_of_organization: truth, start_url: text }),
            ),
          }),
        ),
      },
    },
  },
  'GET /api/v1/auth/oauth/:provider/start': {
    id: 'start_sign_in_elsewhere',
    tag: 'Sign-in elsewhere',
    summary: 'Send the browser to a provider',
    parameters: [provider, query('return_to', returnTo, 'Where the browser ends up')],
    answers: { 302: { description: 'To the provider', headers: elsewhere } },
    errors: ['not_found'],
  },
  'GET /api/v1/auth/oauth/:provider/callback': {
    id: 'finish_sign_in_elsewhere',
    tag: 'Sign-in elsewhere',
    summary:
      'Where providers send browsers back to; an account is opened, linked by its verified address, or found',
    parameters: [
      provider,
      query('code', text, 'From the provider'),
      query('state', text, 'From the provider'),
    ],
    answers: { 303: { description: 'Signed in', headers: elsewhere } },
    errors: [
      'sign_in_failed',
      'two_factor_required',
      'account_suspended',
      'forbidden',
      'conflict',
      'unauthorized',
      'rate_limit_exceeded',
      'not_found',
    ],
  },
  'POST /api/v1/auth/oauth/complete': {
    id: 'complete_sign_in_elsewhere',
    tag: 'Sign-in elsewhere',
    summary: 'Show the second factor after a sign-in elsewhere',
    body: {
      content: {
        'application/json': {
          type: 'object',
          required: ['code'],
          properties: { code: { ...text, maxLength: 40, writeOnly: true } },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: { 200: session, 303: { description: 'Signed in, for a form', headers: elsewhere } },
    errors: [
      'sign_in_failed',
      'invalid_credentials',
      'two_factor_required',
      'account_suspended',
      'forbidden',
      'rate_limit_exceeded',
      'not_found',
    ],
  },
  'POST /api/v1/auth/oauth/:provider/link': {
    id: 'link_account_elsewhere',
    tag: 'Sign-in elsewhere',
    summary: 'Begin to link an account elsewhere; follow the address in the same browser',
    parameters: [provider],
    body: {
      content: {
        'application/json': {
          type: 'object',
          properties: {
            password: {
              ...text,
              maxLength: 1_000,
              writeOnly: true,
              description: 'Where the account has one',
            },
            return_to: returnTo,
          },
          additionalProperties: false,
        },
      },
      isRequired: true,
    },
    answers: {
      200: { description: 'Where to go', schema: enveloped(shape({ url: text })), headers: setCookie },
    },
    errors: ['not_found', 'invalid_credentials', 'rate_limit_exceeded'],
  },
  'GET /api/v1/auth/oauth/identities': {
    id: 'list_linked_accounts',
    tag: 'Sign-in elsewhere',
    summary: 'The accounts elsewhere that the person signs in with',
    answers: {
      200: {
        description: 'All of them',
        schema: enveloped(
          listOf(
            shape({
              id: text,
              provider: text,
              issuer: text,
              email: text,
              linked_at: text,
              last_used_at: textOrNull,
            }),
          ),
        ),
      },
    },
  },
  'DELETE /api/v1/auth/oauth/identities/:id': {
    id: 'unlink_account_elsewhere',
    tag: 'Sign-in elsewhere',
    summary: 'Take a linked account away; the last way to sign in stays',
    parameters: [part('id', 'Of the linked account')],
    answers: { 200: { description: 'Gone', schema: enveloped(shape({ unlinked: { const: true } })) } },
    errors: ['not_found', 'conflict'],
  },
  'POST /api/v1/sign-in-domains/:id/prove': {
    id: 'prove_sign_in_domain',
    tag: 'Sign-in elsewhere',
    summary: 'Look into the DNS whether the domain is the organization’s',
    parameters: [part('id', 'Of the sign-in domain')],
    answers: {
      200: {
        description: 'Proven',
        schema: enveloped(shape({ id: text, domain: text, proven_at: textOrNull })),
      },
    },
    errors: ['not_found', 'conflict', 'permission_denied'],
  },
}
