import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { UserRow } from '#contract/rows.gen.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { OneTimeCodes } from '#ports/one-time-codes.ts'
import type { Records } from '#ports/records.ts'
import { createCheckCode, makeRecoveryCodes, wrongCode } from '../identity/second-factor-codes.ts'
import type { Background } from './background.ts'
import type { Rekey } from './change-credentials.ts'
import type { ConfirmPassword } from './confirm-password.ts'
import type { AuthenticatedPerson, OpenedSession, Origin } from './person.ts'
import type { CheckSecondFactor } from './sign-in-person.ts'

const alreadyOn = refuse('conflict', 'The second factor is on already')
const notOn = refuse('conflict', 'The second factor is not on')
const notBegun = refuse('conflict', 'Begin with a new secret first')

/** Where a second factor stands: its codes when they are new, and the session that goes on. */
export interface FactorChange {
  readonly opened: OpenedSession
  /** Shown this once; empty where the factor was turned off. */
  readonly recoveryCodes: readonly string[]
}

/** The second factor of an account: optional, by an authenticator app, with recovery codes for the day it is lost. */
export interface SecondFactor {
  readonly check: CheckSecondFactor
  /** A new secret for an app; it counts once a code of it was shown. */
  begin(
    person: AuthenticatedPerson,
    password: string,
    origin: Origin,
  ): Promise<Outcome<{ readonly secret: string; readonly uri: string }>>
  enable(person: AuthenticatedPerson, code: string, origin: Origin): Promise<Outcome<FactorChange>>
  disable(
    person: AuthenticatedPerson,
    wish: { readonly password: string; readonly code: string },
    origin: Origin,
  ): Promise<Outcome<FactorChange>>
}

/** Turning it on or off ends all other sessions, and the owner of the address is told. The secret is sealed at rest, recovery codes are kept as digests. */
export function createSecondFactor(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly codes: OneTimeCodes
  readonly tokenDigest: TokenDigest
  readonly ids: Ids
  readonly confirmPassword: ConfirmPassword
  readonly rekey: Rekey
  readonly background: Background
  readonly sendMail: SendMail
  readonly now: () => number
}): SecondFactor {
  const { codes } = deps
  const onUser = (user: UserRow, action: string, requestId: string, input: Record<string, unknown>) =>
    deps.invoke({
      actor: systemActor,
      onBehalfOf: { kind: 'member', id: user.id },
      requestId,
      module: 'user',
      action,
      id: user.id,
      input,
    })
  const check = createCheckCode(deps, 'user')
  const tell = (template: string, { email, name }: UserRow, { session }: OpenedSession): void =>
    deps.background.start('second factor', () =>
      deps.sendMail({
        template,
        to: email,
        data: { name: name || email },
        dedupeKey: `${template} ${session.id}`,
      }),
    )

  return {
    check,

    async begin(person, password, origin) {
      const user = await deps.confirmPassword(person.userId, password, origin.address)
      if (!user.ok) return user
      if (user.value.totp_enabled_at !== null) return alreadyOn
      const secret = codes.newSecret()
      const kept = await onUser(user.value, 'update', origin.requestId, { totp_secret: secret })
      return kept.ok ? accept({ secret, uri: codes.uriOf(secret, user.value.email) }) : kept
    },

    async enable(person, code, origin) {
      const user = await deps.records.get('user', person.userId)
      if (user?.totp_secret === null || user === undefined) return notBegun
      if (user.totp_enabled_at !== null) return alreadyOn
      const step = codes.stepOf(user.totp_secret, code.trim())
      if (step === undefined) return wrongCode
      const { shown, kept } = makeRecoveryCodes(deps)
      const changes = {
        totp_enabled_at: new Date(deps.now()).toISOString(),
        totp_step: step,
        recovery_hashes: kept,
      }
      const opened = await deps.rekey(person, changes, origin)
      if (!opened.ok) return opened
      tell('two_factor_enabled', user, opened.value)
      return accept({ opened: opened.value, recoveryCodes: shown })
    },

    async disable(person, { password, code }, origin) {
      const alsoCode = async (user: UserRow) =>
        user.totp_enabled_at === null ? notOn : check(user, code, origin.requestId)
      const user = await deps.confirmPassword(person.userId, password, origin.address, alsoCode)
      if (!user.ok) return user
      const changes = { totp_enabled_at: null, totp_secret: null, totp_step: null, recovery_hashes: null }
      const opened = await deps.rekey(person, changes, origin)
      if (!opened.ok) return opened
      tell('two_factor_disabled', user.value, opened.value)
      return accept({ opened: opened.value, recoveryCodes: [] })
    },
  }
}
