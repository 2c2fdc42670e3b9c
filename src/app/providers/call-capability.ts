import type { Actor } from '#contract/actor.ts'
import { type Outcome, refuse } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** One action of a capability, called by hand. */
export interface CapabilityCall {
  readonly capability: string
  readonly action: string
  readonly input: Readonly<Record<string, unknown>>
  /** Another provider than the active one. */
  readonly provider?: string
}

/** Calls it as somebody: superadmins may, and it is in the audit log before it happens. */
export type CallCapability = (
  wish: CapabilityCall & { readonly actor: Actor; readonly requestId: string },
) => Promise<Outcome<Readonly<Record<string, unknown>>>>

const notAllowed = refuse('permission_denied', 'Only a superadmin may call outside services')

/** Who may call outside services by hand: it is as much as the product itself may do. */
export const mayCallCapabilities = (actor: Actor): boolean =>
  actor.kind === 'system'
    ? actor.organizationId === undefined
    : actor.kind === 'operator' && actor.role === 'superadmin'

/** Makes it; the inputs stay out of the log, for they may hold anything. */
export function createCallCapability(deps: {
  readonly capabilities: Pick<Capabilities, 'call'>
  readonly note: (call: {
    readonly actor: Actor
    readonly requestId: string
    readonly action: string
    readonly provider: string | null
  }) => Promise<void>
}): CallCapability {
  return async ({ capability, action, input, provider, actor, requestId }) => {
    if (!mayCallCapabilities(actor)) return notAllowed
    await deps.note({ actor, requestId, action: `${capability}.${action}`, provider: provider ?? null })
    const choice = provider === undefined ? {} : { choice: { provider } }
    return deps.capabilities.call({ capability, action, input, ...choice })
  }
}
