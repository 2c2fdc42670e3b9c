import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, type Refusal } from '#contract/outcome.ts'
import type { UserRow } from '#contract/rows.gen.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { Invoke, InvokeAll } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { NarrowGate } from '../identity/narrow-gate.ts'
import type { Background } from './background.ts'
import type { ConfirmPassword } from './confirm-password.ts'
import type { OneTimeTokens } from './one-time-token.ts'
import type { PrepareSession } from './open-session.ts'
import type { AuthenticatedPerson, OpenedSession, Origin } from './person.ts'

/** Changes what an account signs in with; every session ends, and who changed it goes on in a new one. */
export type Rekey = (
  person: AuthenticatedPerson,
  changes: Readonly<Record<string, unknown>>,
  origin: Origin,
) => Promise<Outcome<OpenedSession>>

/** The change and the new session are one transaction. */
export function createRekey(deps: {
  readonly invokeAll: InvokeAll
  readonly prepareSession: PrepareSession
}): Rekey {
  return async ({ userId, actor }, input, origin) => {
    const { requestId } = origin
    const opening = await deps.prepareSession(userId, origin, actor?.organizationId ?? null)
    const onBehalfOf = { kind: 'member', id: userId }
    const outcome = await deps.invokeAll([
      { actor: systemActor, requestId, onBehalfOf, module: 'user', action: 'update', id: userId, input },
      opening.call,
    ])
    if (!outcome.ok) return outcome
    const session = outcome.value[1]
    if (session === undefined) throw new Fault('internal_error', 'a change of credentials made no session')
    return accept(await opening.opened(session))
  }
}

/** Sets another password for somebody who knows the present one. */
export type ChangePassword = (
  person: AuthenticatedPerson,
  wish: { readonly current: string; readonly next: string },
  origin: Origin,
) => Promise<Outcome<OpenedSession>>

/** The owner of the address is told of it. */
export function createChangePassword(deps: {
  readonly confirmPassword: ConfirmPassword
  readonly passwordHash: PasswordHash
  readonly rekey: Rekey
  readonly gate: NarrowGate
  readonly background: Background
  readonly sendMail: SendMail
}): ChangePassword {
  return async (person, { current, next }, origin) => {
    const user = await deps.confirmPassword(person.userId, current, origin.address)
    if (!user.ok) return user
    const hash = await deps.gate.run(() => deps.passwordHash.hash(next))
    const opened = await deps.rekey(person, { password_hash: hash }, origin)
    if (!opened.ok) return opened
    const { email, name } = user.value
    deps.background.start('password changed', () =>
      deps.sendMail({
        template: 'password_changed',
        to: email,
        data: { name: name || email },
        dedupeKey: `password_changed ${opened.value.session.id}`,
      }),
    )
    return opened
  }
}

/** Asks for another address; it counts once a link that is mailed there was followed. */
export type ChangeEmail = (
  person: AuthenticatedPerson,
  wish: { readonly password: string; readonly email: string },
  origin: Origin,
) => Promise<Refusal | undefined>

/** Whether the address has an account already is looked up after the answer, and told to nobody. */
export function createChangeEmail(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly confirmPassword: ConfirmPassword
  readonly tokens: OneTimeTokens
  readonly background: Background
  readonly sendMail: SendMail
}): ChangeEmail {
  const mailTo = async (user: UserRow, email: string, requestId: string): Promise<void> => {
    if ((await deps.records.getBy('user', 'email', email)) !== undefined) return
    const token = deps.tokens.make('email_change', user.id, email, requestId)
    const made = await deps.invoke(token.call)
    if (!made.ok) return
    await deps.sendMail({
      template: 'email_change',
      to: email,
      data: { name: user.name || user.email, token: token.raw, expires: '24 hours' },
      dedupeKey: `email_change ${made.value.row.id}`,
    })
  }
  return async (person, wish, origin) => {
    const user = await deps.confirmPassword(person.userId, wish.password, origin.address)
    if (!user.ok) return user
    const email = wish.email.trim().toLowerCase()
    deps.background.start('e-mail change', () => mailTo(user.value, email, origin.requestId))
    return undefined
  }
}
