import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { AuthTokenRow, UserRow } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Call } from '#ports/invoke.ts'
import type { Records, Row } from '#ports/records.ts'

/** What a one-time token is good for. */
export type TokenPurpose = AuthTokenRow['purpose']

const hour = 60 * 60_000
const kinds: Readonly<Record<TokenPurpose, { readonly prefix: string; readonly lifetimeMs: number }>> = {
  email_change: { prefix: 'chg_', lifetimeMs: 24 * hour },
  email_verification: { prefix: 'vfy_', lifetimeMs: 24 * hour },
  password_reset: { prefix: 'rst_', lifetimeMs: hour },
}
const tokenForm = /^[a-z]{3}_[0-9a-f]{64}$/

/** The one answer to every link that is not good. */
export const invalidLink = refuse('invalid_token', 'This link was used already, has expired, or is not ours')

/** A token that is about to be written; the raw text is known only here and to who gets the mail. */
export interface NewToken {
  readonly raw: string
  readonly call: Call
}

/** One-time tokens: kept as digests, each good for one purpose, one address and one use. */
export interface OneTimeTokens {
  /** Prepares the write of a token; `user` is an id or the user's e-mail. */
  make(purpose: TokenPurpose, user: string, email: string, requestId: string): NewToken
  /** The record of a token that can still be used, and its user. */
  find(purpose: TokenPurpose, raw: string): Promise<Outcome<{ token: AuthTokenRow; user: UserRow }>>
  /** The write that uses a token up; it refuses where somebody was faster. */
  use(token: AuthTokenRow, requestId: string): Call
}

/** True while a token is neither used nor over. */
const isOpen = (token: Pick<Row, string> | AuthTokenRow, now: number): boolean =>
  token['used_at'] === null && Date.parse(String(token['expires_at'])) > now

/** before auth_token.use: a token is used once, also by two at the same moment, as writes come one after another. */
export const checkAuthToken: Behaviour = ({ before, now }) =>
  before !== undefined && isOpen(before, now) ? undefined : invalidLink

/** Tokens over the module of their name. */
export function createOneTimeTokens(deps: {
  readonly records: Records
  readonly tokenDigest: TokenDigest
  readonly ids: Ids
  readonly clock: Clock
}): OneTimeTokens {
  const { records, tokenDigest, clock } = deps
  const system = { actor: systemActor, module: 'auth_token' }
  return {
    make(purpose, user, email, requestId) {
      const { prefix, lifetimeMs } = kinds[purpose]
      const raw = prefix + deps.ids.randomHex(32)
      const expiresAt = new Date(clock.now() + lifetimeMs).toISOString()
      const input = { user_id: user, purpose, email, hash: tokenDigest.digest(raw), expires_at: expiresAt }
      return { raw, call: { ...system, requestId, action: 'create', input } }
    },
    async find(purpose, raw) {
      if (!tokenForm.test(raw)) return invalidLink
      const token = await records.getBy('auth_token', 'hash', tokenDigest.digest(raw))
      if (token === undefined || token.purpose !== purpose || !isOpen(token, clock.now())) return invalidLink
      const user = await records.get('user', token.user_id)
      if (user === undefined || (user.status !== 'active' && user.status !== 'pending')) return invalidLink
      // A link to an address that the account has given up is worth nothing any more.
      if (purpose !== 'email_change' && user.email !== token.email) return invalidLink
      return accept({ token, user })
    },
    use: ({ id }, requestId) => ({ ...system, requestId, action: 'use', id }),
  }
}
