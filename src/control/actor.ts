import type {
  AuthenticatedOperator,
  AuthenticateOperator,
  Credential,
} from '#app/identity/authenticate-operator.ts'
import { type Outcome, refuse } from '#contract/outcome.ts'

/** The cookie that carries an operator's session. */
const sessionCookie = 'apigate_operator'

const unauthorized = refuse('unauthorized', 'An operator token or an operator session is needed')
const crossSite = refuse('forbidden', 'A session cookie only works from the pages of this address')
const bearerForm = /^Bearer +(\S+)$/i
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Finds out who sends a request to the control plane; every way of being nobody is the same `unauthorized`. */
export type OperatorOf = (request: Request) => Promise<Outcome<AuthenticatedOperator>>

/** A bearer token wins over a cookie, also when it is wrong; a cookie changes things only from our own pages. */
export function createOperatorOf(authenticate: AuthenticateOperator): OperatorOf {
  return async (request) => {
    const credential = credentialOf(request.headers)
    if (credential === undefined) return unauthorized
    const outcome = await authenticate(credential)
    if (!outcome.ok) return unauthorized
    return credential.kind === 'session' && !isSameSite(request) ? crossSite : outcome
  }
}

function credentialOf(headers: Headers): Credential | undefined {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const raw = bearerForm.exec(authorization)?.[1]
    return raw === undefined ? undefined : { kind: 'token', raw }
  }
  const raw = cookieOf(headers.get('cookie') ?? '')
  return raw === undefined ? undefined : { kind: 'session', raw }
}

function cookieOf(header: string): string | undefined {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === sessionCookie && value !== undefined && value !== '') return value
  }
  return undefined
}

/** What browsers say about where a request comes from: Sec-Fetch-Site, else Origin. Neither is no proof. */
function isSameSite(request: Request): boolean {
  if (safeMethods.has(request.method)) return true
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  const origin = request.headers.get('origin')
  if (origin === null || !URL.canParse(origin)) return false
  return new URL(origin).host === (request.headers.get('host') ?? new URL(request.url).host).toLowerCase()
}

/** The header that gives a browser its session. */
export function sessionCookieHeader(
  token: string,
  options: { maxAgeSeconds: number; isSecure: boolean },
): string {
  const attributes = ['Path=/', `Max-Age=${options.maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax']
  if (options.isSecure) attributes.push('Secure')
  return `${sessionCookie}=${token}; ${attributes.join('; ')}`
}
