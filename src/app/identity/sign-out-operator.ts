import { systemActor } from '#contract/actor.ts'
import type { Refusal } from '#contract/outcome.ts'
import type { Invoke } from '#ports/invoke.ts'

/** Ends a session, so that its token is refused from the next request on; a session that is gone already is no error. */
export type SignOutOperator = (sessionId: string, requestId: string) => Promise<Refusal | undefined>

/** Signs out through the session's own revoke action. */
export function createSignOutOperator(deps: { readonly invoke: Invoke }): SignOutOperator {
  return async (sessionId, requestId) => {
    const outcome = await deps.invoke({
      actor: systemActor,
      requestId,
      module: 'session',
      action: 'revoke',
      id: sessionId,
    })
    return outcome.ok || outcome.code === 'not_found' ? undefined : outcome
  }
}
