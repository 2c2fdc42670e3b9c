import { errorBody, statusOf } from '#contract/envelope.ts'
import { type ErrorCode, errors } from '#contract/errors.ts'
import { type JsonObject, reference } from './json-schema.ts'

const codes = Object.keys(errors) as ErrorCode[]
const codesOf = (status: number): readonly ErrorCode[] =>
  codes.filter((code) => errors[code].status === status)

const isHeaderOf: Readonly<Record<number, JsonObject>> = {
  401: { 'WWW-Authenticate': reference('headers', 'WwwAuthenticate') },
  405: { Allow: reference('headers', 'Allow') },
  429: { 'Retry-After': reference('headers', 'RetryAfter') },
}

const exampleOf = (code: ErrorCode): JsonObject =>
  errorBody(
    {
      code,
      message: code === 'validation_error' ? 'email is required' : errors[code].title,
      ...(code === 'validation_error' ? { details: { field: 'email', reason: 'is required' } } : {}),
    },
    'req_01hzy8x3k2',
  )

/** The one error body. */
export const errorSchema: JsonObject = {
  type: 'object',
  required: ['success', 'error'],
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      required: ['type', 'code', 'message', 'request_id', 'docs_url'],
      properties: {
        type: { type: 'string', enum: codes, description: 'What programs decide by' },
        code: { type: 'string', enum: codes.map((code) => code.toUpperCase()) },
        message: { type: 'string', description: 'For people' },
        details: { type: 'object', description: 'The field at fault and whatever helps on' },
        request_id: { type: 'string' },
        docs_url: { type: 'string', format: 'uri-reference' },
      },
    },
  },
}

/** One answer for each status that an error can have: `components.responses`. */
export function errorResponses(): Readonly<Record<string, JsonObject>> {
  const statuses = [...new Set(codes.map((code) => errors[code].status))].sort((one, other) => one - other)
  return Object.fromEntries(statuses.map((status) => [`Error${status}`, errorResponse(status)]))
}

function errorResponse(status: number): JsonObject {
  const types = codesOf(status)
  const narrowed = { properties: { error: { properties: { type: { enum: types } } } } }
  return {
    description: types.map((code) => `\`${code}\`: ${errors[code].title}`).join('\n\n'),
    headers: { 'X-Request-Id': reference('headers', 'XRequestId'), ...isHeaderOf[status] },
    content: {
      'application/json': {
        schema: { allOf: [reference('schemas', 'Error'), narrowed] },
        examples: Object.fromEntries(types.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  }
}

/** The `responses` of an operation for errors of these kinds. */
export function errorsOf(kinds: readonly ErrorCode[]): Readonly<Record<string, JsonObject>> {
  const statuses = new Set(kinds.map((code) => statusOf({ code })))
  return Object.fromEntries(
    [...statuses].map((status) => [String(status), reference('responses', `Error${status}`)]),
  )
}
