import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { OneTimeCodes } from '#ports/one-time-codes.ts'

/** Somebody who may have a second factor: a person or an operator. */
export interface FactorHolder {
  readonly id: string
  readonly totp_secret: string | null
  readonly totp_enabled_at: string | null
}

/** Asks for the second factor of somebody who has one; takes a code only once. */
export type CheckCode = (
  holder: FactorHolder,
  code: string | undefined,
  requestId: string,
) => Promise<Outcome<'passed'>>

const codesAtOnce = 10
const recoveryForm = /^[0-9a-f]{16}$/

const needed = refuse('two_factor_required', 'The account asks for a code of its second factor', {
  field: 'code',
  reason: 'is required',
})

/** The answer to a code that does not fit. */
export const wrongCode = refuse('invalid_credentials', 'The code does not match, or was used already', {
  field: 'code',
  reason: 'does not match',
})

/** before use_code: a code counts once, also for two who show it at the same moment, as writes come one after another. */
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

/** Checks codes of the holders of a module by its action `use_code`. */
export function createCheckCode(
  deps: { readonly invoke: Invoke; readonly codes: OneTimeCodes; readonly tokenDigest: TokenDigest },
  module: 'user' | 'operator',
): CheckCode {
  const kind = module === 'user' ? 'member' : 'operator'
  return async (holder, given, requestId) => {
    if (holder.totp_enabled_at === null || holder.totp_secret === null) return accept('passed')
    if (given === undefined) return needed
    const code = given.replace(/[\s-]/g, '').toLowerCase()
    const step = deps.codes.stepOf(holder.totp_secret, code)
    if (step === undefined && !recoveryForm.test(code)) return wrongCode
    const input =
      step === undefined ? { recovery_hash: digestOf(deps.tokenDigest, code) } : { code_step: step }
    const onBehalfOf = { kind, id: holder.id }
    const call = {
      actor: systemActor,
      onBehalfOf,
      requestId,
      module,
      action: 'use_code',
      id: holder.id,
      input,
    }
    const used = await deps.invoke(call)
    return used.ok ? accept('passed') : used
  }
}

/** New recovery codes: as they are shown this once, and as they are kept. */
export function makeRecoveryCodes(deps: { readonly ids: Ids; readonly tokenDigest: TokenDigest }) {
  const codes = Array.from({ length: codesAtOnce }, () => deps.ids.randomHex(8))
  return {
    shown: codes.map((one) => (one.match(/.{4}/g) ?? []).join('-')),
    kept: codes.map((code) => digestOf(deps.tokenDigest, code)),
  }
}

const digestOf = (tokenDigest: TokenDigest, code: string): string => tokenDigest.digest(`recovery ${code}`)
