import type { Outcome } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { ControlHandler } from './route-table.ts'

/** What comparing records with a provider's needs. */
export interface ReconcileDependencies {
  readonly capabilities: Pick<Capabilities, 'call'>
}

/** `POST /admin/reconcile`: the input of the capability's `run`, which checks it. */
export function reconcileHandlers({
  capabilities,
}: ReconcileDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'POST /admin/reconcile': async ({ request, requestId }) => {
      const body = await readBody(request)
      const outcome: Outcome<unknown> = body.ok
        ? await capabilities.call({ capability: 'reconciliation', action: 'run', input: body.value })
        : body
      return outcome.ok ? dataAnswer(outcome.value) : refusalAnswer(outcome, requestId)
    },
  }
}
