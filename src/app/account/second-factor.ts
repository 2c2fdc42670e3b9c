import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { UserRow } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { OneTimeCodes } from '#ports/one-time-codes.ts'
import type { Records } from '#ports/records.ts'
import type { Rekey } from './change-credentials.ts'
import type { ConfirmPassword } from './confirm-password.ts'
import type { AuthenticatedPerson, OpenedSession, Origin } from './person.ts'
import type { CheckSecondFactor } from './sign-in-person.ts'

const codesAtOnce = 10
const recoveryForm = /^[0-9a-f]{16}$/

const needed = refuse('two_factor_required', 'The account asks for a code of its second factor', {
  field: 'code',
  reason: 'is required',
})
const wrongCode = refuse('invalid_credentials', 'The code does not match, or was used already', {
  field: 'code',
  reason: 'does not match',
})
const alreadyOn = refuse('conflict', 'The second factor is on already')
const notOn = refuse('conflict', 'The second factor is not on')
const notBegun = refuse('conflict', 'Begin with a new secret first')

/** before user.use_code: a code counts once, also for two who show it at the same moment, as writes come one after another. */
export const useCode: Behaviour = ({ input, before }) => {
  const { code_step: step, recovery_hash: hash } = input
  if (typeof step === 'number') {
    const last = before?.['totp_step']
    if (typeof last === 'number' && step <= last) return wrongCode
    input['totp_step'] = step
    return undefined
  }
  const left = Array.isArray(before?.['recovery_hashes']) ? before['recovery_hashes'] : []
  if (!left.includes(hash)) return wrongCode
  input['recovery_hashes'] = left.filter((one) => one !== hash)
  return undefined
}

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

/** Turning it on or off ends all other sessions. The secret is sealed at rest, recovery codes are kept as digests. */
export function createSecondFactor(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly codes: OneTimeCodes
  readonly tokenDigest: TokenDigest
  readonly ids: Ids
  readonly confirmPassword: ConfirmPassword
  readonly rekey: Rekey
  readonly now: () => number
}): SecondFactor {
  const { codes, tokenDigest } = deps
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
  const digestOf = (code: string) => tokenDigest.digest(`recovery ${code}`)

  const check: CheckSecondFactor = async (user, given, requestId) => {
    if (user.totp_enabled_at === null || user.totp_secret === null) return accept('passed')
    if (given === undefined) return needed
    const code = given.replace(/[\s-]/g, '').toLowerCase()
    const step = codes.stepOf(user.totp_secret, code)
    if (step === undefined && !recoveryForm.test(code)) return wrongCode
    const input = step === undefined ? { recovery_hash: digestOf(code) } : { code_step: step }
    const used = await onUser(user, 'use_code', requestId, input)
    return used.ok ? accept('passed') : used
  }

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
      const recoveryCodes = Array.from({ length: codesAtOnce }, () => deps.ids.randomHex(8))
      const changes = {
        totp_enabled_at: new Date(deps.now()).toISOString(),
        totp_step: step,
        recovery_hashes: recoveryCodes.map(digestOf),
      }
      const opened = await deps.rekey(person, changes, origin)
      const shown = recoveryCodes.map((one) => (one.match(/.{4}/g) ?? []).join('-'))
      return opened.ok ? accept({ opened: opened.value, recoveryCodes: shown }) : opened
    },

    async disable(person, { password, code }, origin) {
      const alsoCode = async (user: UserRow) =>
        user.totp_enabled_at === null ? notOn : check(user, code, origin.requestId)
      const user = await deps.confirmPassword(person.userId, password, origin.address, alsoCode)
      if (!user.ok) return user
      const changes = { totp_enabled_at: null, totp_secret: null, totp_step: null, recovery_hashes: null }
      const opened = await deps.rekey(person, changes, origin)
      return opened.ok ? accept({ opened: opened.value, recoveryCodes: [] }) : opened
    },
  }
}
