import type { Reconcile } from '#app/sync/reconcile.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler } from './route-table.ts'

/** What comparing records with a provider's needs. */
export interface ReconcileDependencies {
  readonly reconcile: Reconcile
}

/** `POST /admin/reconcile`: the input of the capability's `run`, which checks it. */
export function reconcileHandlers({
  reconcile,
}: ReconcileDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'POST /admin/reconcile': async ({ request, requestId }) => {
      const body = await readBody(request)
      const outcome = body.ok ? await reconcile(body.value) : body
      return outcome.ok ? dataAnswer(outcome.value) : refusalAnswer(outcome, requestId)
    },
  }
}
