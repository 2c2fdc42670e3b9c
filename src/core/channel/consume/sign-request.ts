import { createHmac } from 'node:crypto'
import { accept, Fault, type Outcome } from '#contract/outcome.ts'
import type { ConsumedApi } from '../../schema/consume-document.ts'
import { type BuiltRequest, checkHeader } from './build-request.ts'
import { fillText, type Scope } from './template.ts'

const defaultPayload = '${method}\n${path}\n${body}'

type Auth = NonNullable<ConsumedApi['auth']>

/** A credential is never left out silently: what is missing in it stops the call. */
function whole(text: string | undefined, scope: Scope): string {
  const value = fillText(text ?? '', scope)
  if (value === undefined) throw new Fault('service_unavailable', 'a credential is not configured')
  return value
}

function hmacHeaders(auth: Auth, request: BuiltRequest, scope: Scope, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const facts: Readonly<Record<string, string>> = {
    method: request.method,
    path: request.url.pathname + request.url.search,
    body: request.body ?? '',
    host: request.url.host,
    timestamp,
  }
  const wider: Scope = (name) => (Object.hasOwn(facts, name) ? facts[name] : scope(name))
  const signature = createHmac(auth.algorithm ?? 'sha256', whole(auth.secret, scope))
    .update(whole(auth.payload ?? defaultPayload, wider))
    .digest(auth.encoding ?? 'hex')
  const value = whole(auth.value ?? '${signature}', (name) =>
    name === 'signature' ? signature : wider(name),
  )
  const headers: Record<string, string> = { [auth.header ?? '']: value }
  if (auth.timestamp_header !== undefined) headers[auth.timestamp_header] = timestamp
  return headers
}

function credentials(auth: Auth, request: BuiltRequest, scope: Scope, now: number): Record<string, string> {
  switch (auth.type) {
    case 'none':
      return {}
    case 'bearer':
      return { authorization: `Bearer ${whole(auth.bearer, scope)}` }
    case 'basic': {
      const pair = `${whole(auth.username, scope)}:${whole(auth.password, scope)}`
      return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
    }
    case 'header':
      return { [auth.header ?? '']: whole(auth.value, scope) }
    case 'hmac':
      return hmacHeaders(auth, request, scope, now)
  }
}

/** The headers of a request with the credentials that the API asks for; signatures are made of the very bytes that are sent. */
export function signedHeaders(
  auth: ConsumedApi['auth'],
  request: BuiltRequest,
  scope: Scope,
  now: number,
): Outcome<Readonly<Record<string, string>>> {
  const headers: Record<string, string> = { ...request.headers }
  if (auth === undefined) return accept(headers)
  for (const [name, value] of Object.entries(credentials(auth, request, scope, now))) {
    const checked = checkHeader(name, value)
    // The refusal would name the caller's input, but credentials are the operator's.
    if (!checked.ok) throw new Fault('service_unavailable', 'a credential cannot be sent as a header')
    headers[name.toLowerCase()] = checked.value
  }
  return accept(headers)
}
