import type { PasswordHash, PasswordHashing } from '#ports/hashing.ts'
import type { Records } from '#ports/records.ts'
import { passwordKind } from '../settings/account-settings.ts'

/** Hashes and verifies as the settings say at that moment; not for use inside a transaction, whose own records are asked there. */
export function createPasswordHash(deps: {
  readonly passwordHashing: PasswordHashing
  readonly records: Pick<Records, 'getBy'>
}): PasswordHash {
  const { passwordHashing, records } = deps
  return {
    hash: async (password) => passwordHashing.hash(password, await passwordKind(records)),
    verify: async (hash, password) => passwordHashing.verify(hash, password, await passwordKind(records)),
    isOutdated: async (hash, password) =>
      passwordHashing.isOutdated(hash, password, await passwordKind(records)),
  }
}
