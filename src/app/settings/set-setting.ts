import type { Actor } from '#contract/actor.ts'
import type { Refusal } from '#contract/outcome.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

/** Writes one setting, whether it was there or not. */
export type SetSetting = (setting: {
  readonly key: string
  readonly value: string
  readonly actor: Actor
  readonly requestId: string
}) => Promise<Refusal | undefined>

/** Two writers of a new key at once: the one that comes second changes what the first one made. */
export function createSetSetting(deps: { readonly records: Records; readonly invoke: Invoke }): SetSetting {
  return async ({ key, value, actor, requestId }) => {
    const write = async (): Promise<Refusal | undefined> => {
      const known = await deps.records.getBy('setting', 'key', key)
      const call =
        known === undefined
          ? { action: 'create', input: { key, value } }
          : { action: 'update', id: known.id, input: { value } }
      const outcome = await deps.invoke({ module: 'setting', ...call, actor, requestId })
      return outcome.ok ? undefined : outcome
    }
    const refusal = await write()
    return refusal?.code === 'conflict' ? write() : refusal
  }
}
