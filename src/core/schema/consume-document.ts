import { z } from 'zod'
import { strict } from './strict-map.ts'

const text = z.string()
const mapOf = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value)

const auth = strict({
  type: z.enum(['none', 'bearer', 'basic', 'header', 'hmac']),
  bearer: text.optional(),
  username: text.optional(),
  password: text.optional(),
  header: text.optional(),
  value: text.optional(),
  secret: text.optional(),
  algorithm: z.enum(['sha256', 'sha512']).optional(),
  encoding: z.enum(['hex', 'base64', 'base64url']).optional(),
  payload: text.optional(),
  timestamp_header: text.optional(),
})

const retries = strict({
  attempts: z.int().min(1).max(10).optional(),
  backoff_ms: z.int().min(1).max(60_000).optional(),
  most_wait_ms: z.int().min(0).max(300_000).optional(),
})

const pagination = strict({
  type: z.enum(['page', 'cursor', 'link']),
  parameter: text.optional(),
  size_parameter: text.optional(),
  size: z.int().min(1).max(10_000).optional(),
  first: z.int().min(0).optional(),
  next: text.optional(),
  more: text.optional(),
  most_pages: z.int().min(1).max(1_000).optional(),
})

const response = strict({
  set: mapOf(z.unknown()).optional(),
  items: text.optional(),
  map: mapOf(z.unknown()).optional(),
  into: text.optional(),
  error: text.optional(),
})

const method = strict({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']),
  path: text,
  headers: mapOf(text).optional(),
  query: mapOf(z.unknown()).optional(),
  body: z.enum(['json', 'form']).optional(),
  map: mapOf(z.unknown()).optional(),
  idempotency_header: text.optional(),
  timeout_ms: z.int().min(1).max(600_000).optional(),
  pagination: pagination.optional(),
  errors: mapOf(text).optional(),
  response: response.optional(),
})

/** The shape of one API under `channels.http.consume`. */
export const consumedDocument = strict({
  base: text,
  auth: auth.optional(),
  headers: mapOf(text).optional(),
  timeout_ms: z.int().min(1).max(600_000).optional(),
  most_response_bytes: z.int().min(1).max(104_857_600).optional(),
  retries: retries.optional(),
  methods: mapOf(method),
})

/** An external API that a module's YAML describes, as it was written. */
export type ConsumedApi = z.output<typeof consumedDocument>

/** One method of such an API, as it was written. */
export type ConsumedMethod = z.output<typeof method>
