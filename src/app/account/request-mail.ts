import type { Refusal } from '#contract/outcome.ts'
import type { UserRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { AttemptLedger } from '../identity/attempt-ledger.ts'
import { addressKey, tooOften } from './attempts.ts'
import type { Background } from './background.ts'
import type { OneTimeTokens } from './one-time-token.ts'
import type { Origin } from './person.ts'

/** What a mail with a link can be asked for, by somebody who need not be signed in. */
export type RequestedMail = 'email_verification' | 'password_reset'

/** Asks for a mail with a link. Only who asks too often hears of it: nothing else tells whether there is an account. */
export type RequestMail = (email: string, origin: Origin) => Refusal | undefined

const expiry: Readonly<Record<RequestedMail, string>> = {
  email_verification: '24 hours',
  password_reset: 'one hour',
}

const wants = (purpose: RequestedMail, user: UserRow): boolean =>
  (user.status === 'active' || user.status === 'pending') &&
  (purpose === 'password_reset' || user.email_verified_at === null)

/** Nothing is looked up before the answer, which is therefore the same in content and in time; one mailbox gets only a few mails. */
export function createRequestMail(
  deps: {
    readonly records: Records
    readonly invoke: Invoke
    readonly tokens: OneTimeTokens
    readonly sendMail: SendMail
    readonly background: Background
    readonly attempts: AttemptLedger
    readonly mailboxes: AttemptLedger
    readonly clock: Clock
  },
  purpose: RequestedMail,
): RequestMail {
  const { records, attempts, mailboxes } = deps
  const send = async (email: string, requestId: string): Promise<void> => {
    const user = await records.getBy('user', 'email', email)
    if (user === undefined || !wants(purpose, user)) return
    const token = deps.tokens.make(purpose, user.id, user.email, requestId)
    const made = await deps.invoke(token.call)
    if (!made.ok) return
    await deps.sendMail({
      template: purpose,
      to: user.email,
      data: { name: user.name || user.email, token: token.raw, expires: expiry[purpose] },
      dedupeKey: `${purpose} ${made.value.row.id}`,
    })
  }
  return (given, { address, requestId }) => {
    const now = deps.clock.now()
    const email = given.trim().toLowerCase()
    const key = addressKey(address)
    const waitMs = attempts.waitMs(key, now)
    if (waitMs > 0) return tooOften('Too many mails were asked for', waitMs)
    attempts.count(key, now)
    const mailbox = `${purpose} ${email}`
    if (mailboxes.waitMs(mailbox, now) > 0) return undefined
    mailboxes.count(mailbox, now)
    deps.background.start(purpose, () => send(email, requestId))
    return undefined
  }
}
