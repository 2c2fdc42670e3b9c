import { systemActor } from '#contract/actor.ts'
import type { InvocationResult } from '#ports/behaviour.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Call } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import type { SignedTokens } from '#ports/signed-tokens.ts'
import { sessionTimes } from '../settings/account-settings.ts'
import type { OpenedSession, Origin } from './person.ts'

const cookiePrefix = 'pss_'
const personCookie = /^pss_[0-9a-f]{64}$/

/** True when a text can be what a person's cookie holds. */
export const isPersonCookie = (text: string): boolean => personCookie.test(text)

/** A session about to be opened: the write that opens it, for a transaction, and what to make of its result. */
export interface SessionOpening {
  readonly call: Call
  opened(result: InvocationResult): Promise<OpenedSession>
}

/** On which terms an operator acts as a person. */
export interface ImpersonationTerms {
  readonly operatorId: string
  readonly reason: string
  readonly isReadOnly: boolean
  readonly lifetimeMs: number
}

/** Prepares a new session of a user, named by id or e-mail; with terms it is an operator's. */
export type PrepareSession = (
  user: string,
  origin: Origin,
  place?: string | null,
  terms?: ImpersonationTerms,
) => Promise<SessionOpening>

/** Every sign-in makes a session with secrets of its own, so that none that somebody knew before becomes worth more. */
export function createPrepareSession(deps: {
  readonly records: Records
  readonly tokenDigest: TokenDigest
  readonly signedTokens: SignedTokens
  readonly ids: Ids
  readonly clock: Clock
}): PrepareSession {
  return async (user, { address, userAgent, requestId }, place = null, terms) => {
    const usual = await sessionTimes(deps.records)
    const lifetimeMs = Math.min(terms?.lifetimeMs ?? usual.lifetimeMs, usual.lifetimeMs)
    const idleMs = Math.min(usual.idleMs, lifetimeMs)
    const cookie = cookiePrefix + deps.ids.randomHex(32)
    // A token tells whole seconds; the session ends with it.
    const expiresAt = Math.floor((deps.clock.now() + lifetimeMs) / 1000) * 1000
    const expiresText = new Date(expiresAt).toISOString()
    return {
      call: {
        actor: systemActor,
        ...onBehalf(user, terms),
        requestId,
        module: 'user_session',
        action: 'create',
        input: {
          user_id: user,
          active_organization_id: place,
          hash: deps.tokenDigest.digest(cookie),
          user_agent: userAgent.slice(0, 400),
          ip: address.slice(0, 64),
          idle_seconds: Math.floor(idleMs / 1000),
          expires_at: expiresText,
          ...(terms === undefined
            ? {}
            : {
                impersonated_by: terms.operatorId,
                impersonation_reason: terms.reason,
                is_read_only: terms.isReadOnly,
              }),
        },
      },
      async opened({ row }) {
        const userId = String(row['user_id'])
        const token = await deps.signedTokens.sign({ userId, sessionId: row.id, expiresAt })
        const session = { id: row.id, user_id: userId, expires_at: expiresText }
        return { session, organizationId: place, cookie, token }
      },
    }
  }
}

/** Whom the audit log names: the operator, else the user; of one who is made in the same transaction there is no id yet. */
function onBehalf(user: string, terms: ImpersonationTerms | undefined) {
  if (terms !== undefined) return { onBehalfOf: { kind: 'operator', id: terms.operatorId } }
  return user.includes('@') ? {} : { onBehalfOf: { kind: 'member', id: user } }
}
