import { systemActor } from '#contract/actor.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'

/** Compares records with a provider's, by the input of the capability's `run`, which checks it; a comparison leaves a record. */
export type Reconcile = (input: Readonly<Record<string, unknown>>) => Promise<Outcome<unknown>>

interface Report {
  readonly matched: number
  readonly differences: readonly unknown[]
  readonly repaired: number
  readonly failed: number
}

/** Makes it, on whichever provider is active. */
export function createReconcile(deps: {
  readonly capabilities: Pick<Capabilities, 'call'>
  readonly invoke: Invoke
  readonly ids: Ids
}): Reconcile {
  return async (input) => {
    const outcome = await deps.capabilities.call({ capability: 'reconciliation', action: 'run', input })
    if (!outcome.ok) return outcome
    const { matched, differences, repaired, failed } = outcome.value as unknown as Report
    const { module, provider = null, source_instance } = input
    const kept = await deps.invoke({
      actor: systemActor,
      requestId: deps.ids.next('req'),
      module: 'reconciliation_run',
      action: 'create',
      input: {
        compared: module,
        provider,
        source_instance,
        matched,
        differences: differences.length,
        repaired,
        failed,
      },
    })
    return kept.ok ? outcome : kept
  }
}
