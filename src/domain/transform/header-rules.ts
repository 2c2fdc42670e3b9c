/** Which message a transform works on. */
export type TransformSide = 'request' | 'response'

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/

/** What frames a message or belongs to one connection; the gateway alone writes it. */
const framing = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const owned: Readonly<Record<TransformSide, RegExp>> = {
  request:
    /^(accept-encoding|authorization|forwarded|x-api-key|x-consumer-id|x-forwarded-.*|x-key-id|x-organization-id|x-plan-id|x-real-ip|x-request-id|x-subscription-id|x-user-id)$/,
  response: /^(ratelimit|ratelimit-policy|x-quota-.*|x-ratelimit-.*|x-request-id)$/,
}

/** Why a transform may not touch this header, or undefined when it may. */
export function headerNameProblem(name: string, side: TransformSide): string | undefined {
  if (!token.test(name)) return 'is not the name of a header'
  // Some servers read X_User_Id as X-User-Id, so both spellings are the same name here.
  const plain = name.toLowerCase().replaceAll('_', '-')
  if (framing.has(plain)) return 'is a header that the gateway writes itself, because it frames the message'
  if (owned[side].test(plain)) return 'is a header that only the gateway may write'
  return undefined
}

const longestValue = 8192

/** The text as one header value, or undefined when a header cannot carry it: no line ends, nothing beyond Latin-1, not too long. */
export function headerValue(text: string): string | undefined {
  return text.length <= longestValue && /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text.trim() : undefined
}
