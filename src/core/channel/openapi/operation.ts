import type { ErrorCode } from '#contract/errors.ts'
import { errorsOf } from './error-schemas.ts'
import { defined, type JsonObject, reference } from './json-schema.ts'

/** One answer that is no error. */
export interface DescribedAnswer {
  readonly description: string
  /** Undefined for an answer without a body. */
  readonly schema?: JsonObject
  readonly contentType?: string
  readonly example?: unknown
  readonly headers?: JsonObject
}

/** One operation in our own words, from which its entry in the document is made. */
export interface DescribedOperation {
  /** The operationId: stable, and unique in the document. */
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly JsonObject[]
  readonly body?: {
    /** Schemas by content type. */
    readonly content: Readonly<Record<string, JsonObject>>
    readonly example?: unknown
    readonly isRequired: boolean
  }
  /** By status. */
  readonly answers: Readonly<Record<string, DescribedAnswer>>
  /** Errors beyond those that every operation of its kind has. */
  readonly errors?: readonly ErrorCode[]
}

/** The success envelope around data. */
export const enveloped = (data: JsonObject, meta?: JsonObject): JsonObject => ({
  type: 'object',
  required: ['success', 'data', ...(meta === undefined ? [] : ['meta'])],
  properties: {
    success: { const: true },
    data,
    message: { type: 'string' },
    ...(meta === undefined ? {} : { meta }),
  },
})

/** Whose credentials an operation wants. */
export type Security = 'none' | 'operator' | 'person' | 'either'

const ofOperators = [{ operatorToken: [] }, { operatorSession: [] }]
const ofPeople = [{ personToken: [] }, { personSession: [] }]
const schemes: Readonly<Record<Security, readonly JsonObject[]>> = {
  either: [...ofOperators, ...ofPeople],
  none: [],
  operator: ofOperators,
  person: ofPeople,
}
const always: readonly ErrorCode[] = ['internal_error', 'service_unavailable']
const guarded: readonly ErrorCode[] = ['unauthorized', 'forbidden']
const withBody: readonly ErrorCode[] = ['invalid_request', 'validation_error', 'payload_too_large']

/** The entry of an operation in the document. */
export function operationEntry(operation: DescribedOperation, security: Security): JsonObject {
  const { id, tag, summary, description, parameters, body, answers } = operation
  const hasParameters = parameters !== undefined && parameters.length > 0
  const kinds = [
    ...always,
    ...(security === 'none' ? [] : guarded),
    ...(security === 'person' || security === 'either' ? (['account_suspended'] as const) : []),
    ...(body === undefined ? [] : withBody),
    ...(hasParameters ? (['validation_error'] as const) : []),
    ...(operation.errors ?? []),
  ]
  const responses = Object.entries(answers).map(([status, answer]) => [status, answerEntry(answer)] as const)
  return defined({
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: schemes[security],
    parameters: hasParameters ? parameters : undefined,
    requestBody: body === undefined ? undefined : bodyEntry(body),
    responses: { ...Object.fromEntries(responses), ...errorsOf(kinds) },
  })
}

function bodyEntry({ content, example, isRequired }: NonNullable<DescribedOperation['body']>): JsonObject {
  const types = Object.entries(content).map(([type, schema]) => [type, defined({ schema, example })] as const)
  return { required: isRequired, content: Object.fromEntries(types) }
}

function answerEntry({ description, schema, contentType, example, headers }: DescribedAnswer): JsonObject {
  const content =
    schema === undefined ? undefined : { [contentType ?? 'application/json']: defined({ schema, example }) }
  return defined({
    description,
    headers: { 'X-Request-Id': reference('headers', 'XRequestId'), ...headers },
    content,
  })
}
