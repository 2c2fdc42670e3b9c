import type { IncomingMessage } from 'node:http'
import type { AuthenticatePerson } from '#app/account/authenticate-person.ts'
import type { AuthenticatedPerson } from '#app/account/person.ts'
import type { AuthenticatedOperator, AuthenticateOperator } from '#app/identity/authenticate-operator.ts'
import { isOperatorToken } from '#app/identity/credentials.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import { isSameSite } from './same-site.ts'
import { readSessionCookie } from './session-cookie.ts'

/** Who sends a request: an operator, or a person of an organization. Never both. */
export type Principal =
  | { readonly kind: 'operator'; readonly operator: AuthenticatedOperator }
  | { readonly kind: 'person'; readonly person: AuthenticatedPerson }

/** Whose door a request stands at, for the message and for a browser that is signed in as both. */
export type Door = 'operator' | 'person' | 'either'

/** Finds out who sends a request to the control plane; every way of being nobody is the same `unauthorized`. */
export type PrincipalOf = (
  request: Request,
  incoming: IncomingMessage,
  door: Door,
) => Promise<Outcome<Principal>>

const crossSite = refuse('forbidden', 'A session cookie only works from the pages of this address')
const unauthorized: Readonly<Record<Door, Refusal>> = {
  operator: refuse('unauthorized', 'An operator token or an operator session is needed'),
  person: refuse('unauthorized', 'Sign in first: a session or its token is needed'),
  either: refuse('unauthorized', 'An operator, or a person who is signed in, is needed'),
}
const cookieOrder: Readonly<Record<Door, readonly Principal['kind'][]>> = {
  operator: ['operator', 'person'],
  person: ['person', 'operator'],
  either: ['operator', 'person'],
}
const bearerForm = /^Bearer +(\S+)$/i

/** A bearer token wins over a cookie, also when it is wrong; a cookie changes things only from our own pages. */
export function createPrincipalOf(deps: {
  readonly authenticateOperator: AuthenticateOperator
  readonly authenticatePerson: AuthenticatePerson
  readonly isSecure: (incoming: IncomingMessage) => boolean
}): PrincipalOf {
  const find = async (
    kind: Principal['kind'],
    credential: { kind: 'token' | 'session'; raw: string },
  ): Promise<Principal | undefined> => {
    if (kind === 'operator') {
      const found = await deps.authenticateOperator(credential)
      return found.ok ? { kind, operator: found.value } : undefined
    }
    const found = await deps.authenticatePerson(credential)
    return found.ok ? { kind, person: found.value } : undefined
  }

  return async (request, incoming, door) => {
    const authorization = request.headers.get('authorization')
    if (authorization !== null) {
      const raw = bearerForm.exec(authorization)?.[1]
      if (raw === undefined) return unauthorized[door]
      const found = await find(isOperatorToken(raw) ? 'operator' : 'person', { kind: 'token', raw })
      return found === undefined ? unauthorized[door] : accept(found)
    }
    const isSecure = deps.isSecure(incoming)
    const cookies = request.headers.get('cookie') ?? ''
    for (const kind of cookieOrder[door]) {
      const raw = readSessionCookie(cookies, kind, isSecure)
      const found = raw === undefined ? undefined : await find(kind, { kind: 'session', raw })
      if (found !== undefined) return isSameSite(request, isSecure) ? accept(found) : crossSite
    }
    return unauthorized[door]
  }
}
