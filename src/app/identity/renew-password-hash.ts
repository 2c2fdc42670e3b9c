import { systemActor } from '#contract/actor.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { NarrowGate } from './narrow-gate.ts'

/** Hashes a password that was just verified anew, where its hash would be made otherwise today. */
export type RenewPasswordHash = (
  account: { readonly id: string; readonly password_hash: string | null },
  password: string,
  requestId: string,
) => Promise<void>

/** Makes it for the accounts of one module. */
export function createRenewPasswordHash(
  deps: { readonly invoke: Invoke; readonly passwordHash: PasswordHash; readonly gate: NarrowGate },
  module: 'user' | 'operator',
): RenewPasswordHash {
  const { invoke, passwordHash, gate } = deps
  return async ({ id, password_hash: verified }, password, requestId) => {
    if (verified === null || !(await passwordHash.isOutdated(verified, password))) return
    const renewed = await gate.run(() => passwordHash.hash(password))
    // The sign-in does not depend on it: whatever stands in the way now is tried again at the next one.
    await invoke({
      actor: systemActor,
      requestId,
      module,
      action: 'renew_hash',
      id,
      input: { renewed_hash: renewed, verified_hash: verified },
    })
  }
}
