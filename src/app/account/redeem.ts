import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { AuthTokenRow, UserRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { InvokeAll } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'
import { crowded } from './attempts.ts'
import type { Background } from './background.ts'
import { invalidLink, type OneTimeTokens, type TokenPurpose } from './one-time-token.ts'

/** What the links in mails do: each once, and all that it does in one transaction with the end of the link. */
export interface Redeem {
  verifyEmail(token: string, requestId: string): Promise<Outcome<UserRow>>
  resetPassword(token: string, password: string, requestId: string): Promise<Outcome<UserRow>>
  confirmEmail(token: string, requestId: string): Promise<Outcome<UserRow>>
}

interface RedeemParts {
  readonly invokeAll: InvokeAll
  readonly passwordHash: PasswordHash
  readonly tokens: OneTimeTokens
  readonly gate: NarrowGate
  readonly background: Background
  readonly sendMail: SendMail
  readonly clock: Clock
}

/** Links that are used up, over or somebody else's are one and the same refusal. */
export function createRedeem(parts: RedeemParts): Redeem {
  const { tokens, gate, background, clock } = parts
  const now = (): string => new Date(clock.now()).toISOString()

  const redeem = async (
    token: AuthTokenRow,
    user: UserRow,
    input: Readonly<Record<string, unknown>>,
    requestId: string,
  ): Promise<Outcome<UserRow>> => {
    const onBehalfOf = { kind: 'member', id: user.id }
    const outcome = await parts.invokeAll([
      tokens.use(token, requestId),
      { actor: systemActor, requestId, onBehalfOf, module: 'user', action: 'update', id: user.id, input },
    ])
    return outcome.ok ? accept(user) : refusalOf(outcome)
  }

  const find = (purpose: TokenPurpose, raw: string) => tokens.find(purpose, raw)

  return {
    async verifyEmail(raw, requestId) {
      const found = await find('email_verification', raw)
      if (!found.ok) return found
      const { token, user } = found.value
      const status = user.status === 'pending' ? { status: 'active' } : {}
      return redeem(token, user, { email_verified_at: now(), ...status }, requestId)
    },

    async resetPassword(raw, password, requestId) {
      const found = await find('password_reset', raw)
      if (!found.ok) return found
      if (gate.isFull()) return crowded
      const { token, user } = found.value
      const hash = await gate.run(() => parts.passwordHash.hash(password))
      // Who reads the mail of the address has verified it.
      const verified = user.email_verified_at ?? now()
      const status = user.status === 'pending' ? { status: 'active' } : {}
      const input = { password_hash: hash, email_verified_at: verified, ...status }
      const outcome = await redeem(token, user, input, requestId)
      if (outcome.ok)
        background.start('password changed', () =>
          parts.sendMail({
            template: 'password_changed',
            to: user.email,
            data: { name: user.name || user.email },
            dedupeKey: `password_changed ${token.id}`,
          }),
        )
      return outcome
    },

    async confirmEmail(raw, requestId) {
      const found = await find('email_change', raw)
      if (!found.ok) return found
      const { token, user } = found.value
      const outcome = await redeem(token, user, { email: token.email, email_verified_at: now() }, requestId)
      if (outcome.ok)
        background.start('e-mail changed', () =>
          parts.sendMail({
            template: 'email_changed',
            to: user.email,
            data: { name: user.name || user.email, new_email: token.email },
            dedupeKey: `email_changed ${token.id}`,
          }),
        )
      return outcome
    },
  }
}

/** A link that another request used in the meantime, or that was taken away, is told like any other that is over. */
function refusalOf(refusal: Refusal): Refusal {
  if (refusal.code === 'conflict')
    return refuse('conflict', 'The address belongs to another account by now', { field: 'email' })
  return refusal.code === 'invalid_token' || refusal.code === 'not_found' ? invalidLink : refusal
}
