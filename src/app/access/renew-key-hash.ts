import { systemActor } from '#contract/actor.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'

/** Keeps the digest of a key in the place of the slow hash that it was verified against; returns at once. */
export type RenewKeyHash = (proof: {
  readonly keyId: string
  readonly hash: string
  readonly digest: string
}) => void

/** Whether new keys are kept under a slow hash, and those that have one keep it. */
export const keepsSlowHashes = async (records: Records): Promise<boolean> =>
  (await records.getBy('setting', 'key', 'auth.key_hash'))?.value === 'bcrypt'

/** The gateway serves the key in any case: what stands in the way now is tried again after the next start. */
export function createRenewKeyHash(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly ids: Ids
  readonly log: Pick<Log, 'warn'>
}): RenewKeyHash {
  async function renew({ keyId, hash, digest }: Parameters<RenewKeyHash>[0]): Promise<void> {
    if (await keepsSlowHashes(deps.records)) return
    const done = await deps.invoke({
      actor: systemActor,
      requestId: deps.ids.next('req'),
      module: 'api_key',
      action: 'renew_hash',
      id: keyId,
      input: { verified_hash: hash, renewed_hash: digest },
    })
    if (!done.ok) deps.log.warn({ key: keyId, reason: done.code }, 'a key keeps its slow hash')
  }

  return (proof) =>
    void renew(proof).catch((error: unknown) => {
      deps.log.warn({ key: proof.keyId, error }, 'a key keeps its slow hash')
    })
}

/** before api_key.renew_hash: the digest stands in for the hash that the key was verified against, and for no other. */
export const renewApiKeyHash: Behaviour = ({ input, before }) => {
  if (before?.['hash'] === input['verified_hash']) input['hash'] = input['renewed_hash']
  return undefined
}
