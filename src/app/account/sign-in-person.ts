import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { UserRow } from '#contract/rows.gen.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'
import { createRenewPasswordHash } from '../identity/renew-password-hash.ts'
import type { SignInThrottle } from '../identity/sign-in-throttle.ts'
import { crowded, tooOften } from './attempts.ts'
import type { NoticeSignIn } from './notice-sign-in.ts'
import type { PrepareSession } from './open-session.ts'
import type { OpenedSession, Origin } from './person.ts'

/** E-mail, password and, where the account asks for it, a code of the second factor. */
export interface SignInWish {
  readonly email: string
  readonly password: string
  readonly code: string | undefined
}

/** Checks who somebody is and opens a session. */
export type SignInPerson = (wish: SignInWish, origin: Origin) => Promise<Outcome<OpenedSession>>

/** Asks for the second factor of a user who has one; takes a code only once. */
export type CheckSecondFactor = (
  user: UserRow,
  code: string | undefined,
  requestId: string,
) => Promise<Outcome<'passed'>>

const wrong = refuse('invalid_credentials', 'E-mail or password do not match')

/**
 * An unknown account, a wrong password and a suspended user get the same answer after the same work, and guessing is slowed down before
 * any of it. A password that verified against an outdated hash is hashed anew.
 */
export function createSignInPerson(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly passwordHash: PasswordHash
  readonly prepareSession: PrepareSession
  readonly secondFactor: CheckSecondFactor
  readonly throttle: SignInThrottle
  /** Tells the throttle once who signed in where. */
  readonly recall: () => Promise<void>
  readonly gate: NarrowGate
  readonly noticeSignIn: NoticeSignIn
}): SignInPerson {
  const { records, gate, passwordHash, throttle } = deps
  const renewHash = createRenewPasswordHash(deps, 'user')

  return async ({ email, password, code }, origin) => {
    await deps.recall()
    const account = email.trim().toLowerCase()
    if (gate.isFull()) return crowded
    const waitMs = throttle.take(account, origin.address)
    if (waitMs > 0) return tooOften('Too many attempts to sign in', waitMs)
    const user = await gate.run(async () => {
      const found = await records.getBy('user', 'email', account)
      const matches = await passwordHash.verify(found?.password_hash ?? undefined, password)
      return matches ? found : undefined
    })
    if (user === undefined || (user.status !== 'active' && user.status !== 'pending')) return wrong
    const factor = await deps.secondFactor(user, code, origin.requestId)
    if (!factor.ok) return factor
    throttle.succeeded(account, origin.address)
    await renewHash(user, password, origin.requestId)
    const opening = await deps.prepareSession(user.id, origin)
    const opened = await deps.invoke(opening.call)
    if (!opened.ok) return opened
    const session = await opening.opened(opened.value)
    deps.noticeSignIn(user, session.session.id, origin)
    return accept(session)
  }
}
