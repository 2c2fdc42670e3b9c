import { systemActor } from '#contract/actor.ts'
import type { Refusal } from '#contract/outcome.ts'
import type { Invoke } from '#ports/invoke.ts'

/** Ends a session of a person from the next request on; one that is gone already is no error. */
export type EndSession = (
  session: { readonly id: string; readonly userId: string },
  requestId: string,
) => Promise<Refusal | undefined>

/** Ends sessions through their own revoke action. */
export function createEndSession({ invoke }: { readonly invoke: Invoke }): EndSession {
  return async ({ id, userId }, requestId) => {
    const onBehalfOf = { kind: 'member', id: userId }
    const call = { actor: systemActor, onBehalfOf, requestId, module: 'user_session', action: 'revoke', id }
    const outcome = await invoke(call)
    return outcome.ok || outcome.code === 'not_found' ? undefined : outcome
  }
}

/** Writes down that a session was used; it may be gone by then. */
export function createTouchSession({ invoke }: { readonly invoke: Invoke }) {
  return async (id: string): Promise<void> => {
    await invoke({
      actor: systemActor,
      requestId: 'session-use',
      module: 'user_session',
      action: 'touch',
      id,
    })
  }
}
