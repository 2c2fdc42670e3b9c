const secretNames = new Set([
  'authorization',
  'api_key',
  'apikey',
  'auth_value_encrypted',
  'client_secret',
  'cookie',
  'credentials',
  'hash',
  'key',
  'passwd',
  'password',
  'proxy-authorization',
  'secret',
  'secret_value',
  'set-cookie',
  'token',
  'x-api-key',
])
const secretEnding = /[_-](hash|password|secret|token)$/
const camelBoundary = /([a-z0-9])([A-Z])/g
const queryValue = /([?&;](?:api_key|access_token|client_secret|key|password|secret|token)=)[^&#\s"']*/gi
const bearer = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+/gi
const rawToken = /\b((?:[a-z]{2,5}_)(?:live_|test_)?)[0-9a-f]{32,}\b/g
/** What every prefix before 64 hexadecimal digits stands for: keys whose prefix a setting names, too. */
const anyToken = /(?<=[a-z0-9_]_)[0-9a-f]{64,}/gi
/** Three parts of base64url of which the first begins with `{"`. */
const signedToken = /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g
const removed = '[redacted]'
const deepest = 8
const mostItems = 100

/** A text without the values of secret query parameters, bearer credentials and machine-made keys. */
export function redactText(text: string): string {
  return text
    .replace(queryValue, `$1${removed}`)
    .replace(bearer, `$1 ${removed}`)
    .replace(signedToken, removed)
    .replace(rawToken, `$1${removed}`)
    .replace(anyToken, removed)
}

function isSecretName(name: string): boolean {
  const lower = name.replace(camelBoundary, '$1_$2').toLowerCase()
  return secretNames.has(lower) || secretEnding.test(lower)
}

function redactError(error: Error, depth: number, seen: Set<object>): object {
  return {
    type: error.name,
    message: redactText(error.message),
    ...('code' in error ? { code: redact(error.code, depth + 1, seen) } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1, seen) }),
  }
}

function redactObject(value: object, depth: number, seen: Set<object>): unknown {
  if (value instanceof Error) return redactError(value, depth, seen)
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Headers || value instanceof Map) {
    return redactObject(Object.fromEntries(value as Iterable<[string, unknown]>), depth, seen)
  }
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => redact(item, depth + 1, seen))
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    copy[name] =
      isSecretName(name) && item !== null && item !== undefined ? removed : redact(item, depth + 1, seen)
  }
  return copy
}

/** A copy that may be logged: secrets by name at any depth, and secrets inside texts, are gone; cycles end. */
export function redact(value: unknown, depth = 0, seen: Set<object> = new Set()): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (seen.has(value)) return '[circular]'
  if (depth > deepest) return '[deeper]'
  seen.add(value)
  const copy = redactObject(value, depth, seen)
  seen.delete(value)
  return copy
}
