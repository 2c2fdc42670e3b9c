import type { Actor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Records } from '#ports/records.ts'
import { isLive, isOperatorToken, isSessionToken } from './credentials.ts'

/** The credential that a request came with. */
export type Credential =
  | { readonly kind: 'token'; readonly raw: string }
  | { readonly kind: 'session'; readonly raw: string }

/** A known operator, and the record of the credential that proved it. */
export interface AuthenticatedOperator {
  readonly actor: Extract<Actor, { kind: 'operator' }>
  readonly credential: { readonly kind: 'token' | 'session'; readonly id: string }
}

/** Finds out which operator a credential belongs to; every kind of "no" is the same refusal. */
export type AuthenticateOperator = (credential: Credential) => Promise<Outcome<AuthenticatedOperator>>

const unauthorized = refuse('unauthorized', 'An operator token or an operator session is needed')

/** Operator tokens act under their own id and role, sessions under those of the operator, as they are at this moment. */
export function createAuthenticateOperator(deps: {
  readonly records: Records
  readonly tokenDigest: TokenDigest
  readonly clock: Clock
}): AuthenticateOperator {
  const byToken = async (raw: string): Promise<Outcome<AuthenticatedOperator>> => {
    if (!isOperatorToken(raw)) return unauthorized
    const token = await deps.records.getBy('operator_token', 'hash', deps.tokenDigest.digest(raw))
    if (token === undefined || !isLive(token, deps.clock.now())) return unauthorized
    return accept({
      actor: { kind: 'operator', id: token.id, role: token.role },
      credential: { kind: 'token', id: token.id },
    })
  }
  const bySession = async (raw: string): Promise<Outcome<AuthenticatedOperator>> => {
    if (!isSessionToken(raw)) return unauthorized
    const session = await deps.records.getBy('session', 'hash', deps.tokenDigest.digest(raw))
    if (session === undefined || !isLive(session, deps.clock.now())) return unauthorized
    if (typeof session.operator_id !== 'string') return unauthorized
    const operator = await deps.records.get('operator', session.operator_id)
    if (operator === undefined || operator.status !== 'active') return unauthorized
    return accept({
      actor: { kind: 'operator', id: operator.id, role: operator.role },
      credential: { kind: 'session', id: session.id },
    })
  }
  return ({ kind, raw }) => (kind === 'token' ? byToken(raw) : bySession(raw))
}
