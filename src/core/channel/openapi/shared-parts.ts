import type { JsonObject } from './json-schema.ts'

const text = { type: 'string' }
const header = (description: string, schema: JsonObject = text): JsonObject => ({ description, schema })

const parameters = {
  Id: {
    name: 'id',
    in: 'path',
    required: true,
    description: 'The id of the record, or a value of one of its lookup fields',
    schema: { type: 'string', minLength: 1 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The `ETag` that the record must still have; otherwise 412 and nothing is changed',
    schema: text,
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'An `ETag` that is known already: 304 when it is still the one',
    schema: text,
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Done once, however often it is sent: the same key and body get the stored answer, another body 422',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
}

const headers = {
  Allow: header('The methods that the address answers'),
  ETag: header('The version of the record, for `If-Match`'),
  IdempotentReplayed: header('`true` on an answer that was given before', { type: 'string', const: 'true' }),
  Location: header('The address of the record', { type: 'string', format: 'uri-reference' }),
  RetryAfter: header('Seconds to wait', { type: 'integer', minimum: 0 }),
  WwwAuthenticate: header('How to sign in'),
  XRequestId: header('Of the request when it is well-formed, else made here; stands in the log'),
}

const listMeta = {
  type: 'object',
  required: ['limit', 'has_more', 'next_cursor'],
  properties: {
    limit: { type: 'integer', minimum: 0 },
    has_more: { type: 'boolean' },
    next_cursor: { type: ['string', 'null'] },
    total: { type: 'integer', minimum: 0, description: 'Only with `?count=true`' },
  },
}

/** The components that do not depend on the modules. */
export const sharedParts = {
  schemas: { ListMeta: listMeta },
  parameters,
  headers,
  securitySchemes: {
    operatorToken: {
      type: 'http',
      scheme: 'bearer',
      description: 'An operator token, `opt_...`',
    },
    operatorSession: {
      type: 'apiKey',
      in: 'cookie',
      name: 'apigate_operator',
      description:
        'The session of a browser; changes things only from pages of the same address. Over HTTPS it is `__Host-apigate_operator`',
    },
    personToken: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'The `token` that signing in answers',
    },
    personSession: {
      type: 'apiKey',
      in: 'cookie',
      name: 'apigate_session',
      description:
        'The session of a browser; changes things only from pages of the same address. Over HTTPS it is `__Host-apigate_session`',
    },
  },
}
