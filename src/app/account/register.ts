import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { InvokeAll } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Records } from '#ports/records.ts'
import type { AttemptLedger } from '../identity/attempt-ledger.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'
import { isRegistrationOpen, requiresVerifiedEmail } from '../settings/account-settings.ts'
import { addressKey, crowded, tooOften } from './attempts.ts'
import type { Background } from './background.ts'
import type { OneTimeTokens } from './one-time-token.ts'
import type { PrepareSession } from './open-session.ts'
import type { OpenedSession, Origin } from './person.ts'

/** Who wants an account. */
export interface Registration {
  readonly email: string
  readonly password: string
  readonly fullName: string
  readonly organizationName: string
}

/** Opens an account and signs its owner in. */
export type Register = (wish: Registration, origin: Origin) => Promise<Outcome<OpenedSession>>

const closed = refuse('forbidden', 'New accounts are made by invitation only')
const taken = refuse('conflict', 'This e-mail address has an account: sign in, or reset its password', {
  field: 'email',
  reason: 'has an account',
})

/**
 * Organization, user, membership, default subscription, session and the link that verifies the address are one transaction. A taken
 * address costs the same work as a free one and is told as a conflict; how often one address may ask is bounded.
 */
export function createRegister(deps: {
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly passwordHash: PasswordHash
  readonly prepareSession: PrepareSession
  readonly tokens: OneTimeTokens
  readonly attempts: AttemptLedger
  readonly gate: NarrowGate
  readonly background: Background
  readonly sendMail: SendMail
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'registration'>
}): Register {
  const { records, attempts, gate, tokens } = deps
  return async (wish, origin) => {
    if (!(await isRegistrationOpen(records))) return closed
    if (gate.isFull()) return crowded
    const now = deps.clock.now()
    const key = addressKey(origin.address)
    const waitMs = attempts.waitMs(key, now)
    if (waitMs > 0) return tooOften('Too many accounts from this address', waitMs)
    attempts.count(key, now)
    const email = wish.email.trim().toLowerCase()
    const passwordHash = await gate.run(() => deps.passwordHash.hash(wish.password))
    const { requestId } = origin
    const opening = await deps.prepareSession(email, origin)
    const verification = tokens.make('email_verification', email, email, requestId)
    const user = {
      email,
      name: wish.fullName,
      organization_name: wish.organizationName,
      password_hash: passwordHash,
      status: (await requiresVerifiedEmail(records)) ? 'pending' : 'active',
    }
    const outcome = await deps.invokeAll([
      { actor: systemActor, requestId, module: 'user', action: 'create', input: user },
      opening.call,
      verification.call,
    ])
    if (!outcome.ok) return outcome.code === 'conflict' ? taken : outcome
    const session = outcome.value[1]
    if (session === undefined) throw new Fault('internal_error', 'a registration made no session')
    deps.metrics.registration()
    const name = wish.fullName || email
    deps.background.start('welcome mail', async () => {
      const data = { name, organization: wish.organizationName }
      await deps.sendMail({
        template: 'welcome',
        to: email,
        data,
        dedupeKey: `welcome ${session.row['user_id']}`,
      })
      await deps.sendMail({
        template: 'email_verification',
        to: email,
        data: { name, token: verification.raw, expires: '24 hours' },
        dedupeKey: `verification ${verification.call.input?.['hash']}`,
      })
    })
    return accept(await opening.opened(session))
  }
}
