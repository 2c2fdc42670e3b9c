import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { OperatorRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { PasswordHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Call, InvokeAll } from '#ports/invoke.ts'
import type { OneTimeCodes } from '#ports/one-time-codes.ts'
import type { Records } from '#ports/records.ts'
import type { NarrowGate } from './narrow-gate.ts'
import { type CheckCode, makeRecoveryCodes, wrongCode } from './second-factor-codes.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

/** An operator who is signed in with an account of their own, and where from. */
export interface OperatorAtWork {
  readonly id: string
  readonly sessionId: string
  readonly address: string
  readonly requestId: string
}

/** Turning the second factor of an operator on and off. */
export interface OperatorSecondFactor {
  begin(at: OperatorAtWork, password: string): Promise<Outcome<{ secret: string; uri: string }>>
  /** The answer holds the recovery codes this once; every other session ends. */
  enable(at: OperatorAtWork, code: string): Promise<Outcome<readonly string[]>>
  disable(at: OperatorAtWork, wish: { password: string; code: string }): Promise<Refusal | undefined>
}

const wrong = refuse('invalid_credentials', 'The password does not match', {
  field: 'password',
  reason: 'does not match',
})
const crowded = refuse('service_unavailable', 'Too many people sign in at this moment', { retry_after: 1 })
const alreadyOn = refuse('conflict', 'The second factor is on already')
const notOn = refuse('conflict', 'The second factor is not on')
const notBegun = refuse('conflict', 'Begin with a new secret first')

/** Guessing a password or a code here is slowed down like guessing at the door, and counts together with it. */
export function createOperatorSecondFactor(deps: {
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly passwordHash: PasswordHash
  readonly tokenDigest: TokenDigest
  readonly codes: OneTimeCodes
  readonly checkCode: CheckCode
  readonly throttle: SignInThrottle
  readonly gate: NarrowGate
  readonly ids: Ids
  readonly clock: Clock
}): OperatorSecondFactor {
  const { records, codes } = deps

  const confirm = async (
    at: OperatorAtWork,
    password: string,
    code?: string,
  ): Promise<Outcome<OperatorRow>> => {
    const operator = await records.get('operator', at.id)
    if (operator === undefined) return wrong
    if (deps.gate.isFull()) return crowded
    const waitMs = deps.throttle.take(operator.email, at.address)
    if (waitMs > 0)
      return refuse('rate_limit_exceeded', 'Too many attempts', { retry_after: Math.ceil(waitMs / 1000) })
    const hash = operator.password_hash ?? undefined
    if (!(await deps.gate.run(() => deps.passwordHash.verify(hash, password)))) return wrong
    if (code !== undefined) {
      if (operator.totp_enabled_at === null) return notOn
      const passed = await deps.checkCode(operator, code, at.requestId)
      if (!passed.ok) return passed
    }
    deps.throttle.succeeded(operator.email, at.address)
    return accept(operator)
  }

  const change = async (
    at: OperatorAtWork,
    input: Readonly<Record<string, unknown>>,
    endsOthers: boolean,
  ) => {
    const by = { actor: systemActor, onBehalfOf: { kind: 'operator', id: at.id }, requestId: at.requestId }
    const calls: Call[] = [{ ...by, module: 'operator', action: 'update', id: at.id, input }]
    if (endsOthers)
      for await (const session of records.each('session', [{ field: 'operator_id', op: 'eq', value: at.id }]))
        if (session.id !== at.sessionId && session.revoked_at === null)
          calls.push({ ...by, module: 'session', action: 'revoke', id: session.id })
    const outcome = await deps.invokeAll(calls)
    return outcome.ok ? undefined : outcome
  }

  return {
    async begin(at, password) {
      const operator = await confirm(at, password)
      if (!operator.ok) return operator
      if (operator.value.totp_enabled_at !== null) return alreadyOn
      const secret = codes.newSecret()
      const refusal = await change(at, { totp_secret: secret }, false)
      return refusal ?? accept({ secret, uri: codes.uriOf(secret, operator.value.email) })
    },
    async enable(at, code) {
      const operator = await records.get('operator', at.id)
      if (operator === undefined || operator.totp_secret === null) return notBegun
      if (operator.totp_enabled_at !== null) return alreadyOn
      const step = codes.stepOf(operator.totp_secret, code.trim())
      if (step === undefined) return wrongCode
      const { shown, kept } = makeRecoveryCodes(deps)
      const enabledAt = new Date(deps.clock.now()).toISOString()
      const input = { totp_enabled_at: enabledAt, totp_step: step, recovery_hashes: kept }
      return (await change(at, input, true)) ?? accept(shown)
    },
    async disable(at, { password, code }) {
      const operator = await confirm(at, password, code)
      if (!operator.ok) return operator
      const none = { totp_enabled_at: null, totp_secret: null, totp_step: null, recovery_hashes: null }
      return change(at, none, true)
    },
  }
}
