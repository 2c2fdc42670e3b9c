import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { UserRow } from '#contract/rows.gen.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { Records } from '#ports/records.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'
import type { SignInThrottle } from '../identity/sign-in-throttle.ts'
import { crowded, tooOften } from './attempts.ts'

/**
 * Asks somebody who is signed in for their password again, before what must not happen to a browser left open. What else they have to
 * show is checked by `also`: attempts are forgiven only when all of it was right.
 */
export type ConfirmPassword = (
  userId: string,
  password: string,
  address: string,
  also?: (user: UserRow) => Promise<Outcome<unknown>>,
) => Promise<Outcome<UserRow>>

const wrong = refuse('invalid_credentials', 'The password does not match', {
  field: 'password',
  reason: 'does not match',
})

/** Guessing here is slowed down like guessing at the door, and counts together with it. */
export function createConfirmPassword(deps: {
  readonly records: Records
  readonly passwordHash: PasswordHash
  readonly throttle: SignInThrottle
  readonly gate: NarrowGate
}): ConfirmPassword {
  return async (userId, password, address, also) => {
    const user = await deps.records.get('user', userId)
    if (user === undefined) return wrong
    if (deps.gate.isFull()) return crowded
    const waitMs = deps.throttle.take(user.email, address)
    if (waitMs > 0) return tooOften('Too many attempts', waitMs)
    const matches = await deps.gate.run(() =>
      deps.passwordHash.verify(user.password_hash ?? undefined, password),
    )
    if (!matches) return wrong
    const more = await also?.(user)
    if (more?.ok === false) return more
    deps.throttle.succeeded(user.email, address)
    return accept(user)
  }
}
