import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { sessionLifetimeMs, sessionTokenPrefix } from './credentials.ts'
import type { NarrowGate } from './narrow-gate.ts'
import { recallSignIns } from './recall-sign-ins.ts'
import { createRenewPasswordHash } from './renew-password-hash.ts'
import type { CheckCode } from './second-factor-codes.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

/** One attempt to sign in, and where it comes from. */
interface SignInAttempt {
  readonly email: string
  readonly password: string
  /** Of the second factor, where it was given. */
  readonly code: string | undefined
  readonly address: string
  readonly userAgent: string
  readonly requestId: string
}

/** A new session; the raw token is known only here and to the browser. `expiresAt` is ISO 8601. */
interface SignedIn {
  readonly operatorId: string
  readonly token: string
  readonly expiresAt: string
}

/** Checks e-mail and password and opens a session. */
export type SignInOperator = (attempt: SignInAttempt) => Promise<Outcome<SignedIn>>

const wrong = refuse('invalid_credentials', 'E-mail or password do not match')
const crowded = refuse('service_unavailable', 'Too many people sign in at this moment', { retry_after: 1 })

/**
 * An unknown account, a wrong password and a suspended operator get the same answer after the same work; guessing is
 * slowed down per account and per address before any of it. A password that verified against an outdated hash is hashed anew. Checking a password takes much memory and a core: `gate` bounds it.
 */
export function createSignInOperator(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly passwordHash: PasswordHash
  readonly tokenDigest: TokenDigest
  readonly checkCode: CheckCode
  readonly throttle: SignInThrottle
  readonly gate: NarrowGate
  readonly ids: Ids
  readonly clock: Clock
}): SignInOperator {
  const renewHash = createRenewPasswordHash(deps, 'operator')
  let recalled: Promise<void> | undefined
  const recall = async (): Promise<void> => {
    recalled ??= recallSignIns(deps)
    try {
      await recalled
    } catch (error) {
      recalled = undefined
      throw error
    }
  }
  return async (attempt) => {
    await recall()
    const account = attempt.email.trim().toLowerCase()
    // Nothing is counted for an attempt that is not made.
    if (deps.gate.isFull()) return crowded
    const waitMs = deps.throttle.take(account, attempt.address)
    if (waitMs > 0) {
      return refuse('rate_limit_exceeded', 'Too many attempts to sign in', {
        retry_after: Math.ceil(waitMs / 1000),
      })
    }
    const operator = await deps.gate.run(async () => {
      const found = await deps.records.getBy('operator', 'email', account)
      const matches = await deps.passwordHash.verify(found?.password_hash ?? undefined, attempt.password)
      return matches ? found : undefined
    })
    if (operator?.status !== 'active') return wrong
    const factor = await deps.checkCode(operator, attempt.code, attempt.requestId)
    if (!factor.ok) return factor
    deps.throttle.succeeded(account, attempt.address)
    await renewHash(operator, attempt.password, attempt.requestId)

    const token = sessionTokenPrefix + deps.ids.randomHex(32)
    const expiresAt = new Date(deps.clock.now() + sessionLifetimeMs).toISOString()
    const opened = await deps.invoke({
      actor: systemActor,
      requestId: attempt.requestId,
      onBehalfOf: { kind: 'operator', id: operator.id },
      module: 'session',
      action: 'create',
      input: {
        operator_id: operator.id,
        hash: deps.tokenDigest.digest(token),
        user_agent: attempt.userAgent.slice(0, 400),
        ip: attempt.address.slice(0, 64),
        expires_at: expiresAt,
      },
    })
    return opened.ok ? accept({ operatorId: operator.id, token, expiresAt }) : opened
  }
}
