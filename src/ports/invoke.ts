import type { Actor } from '#contract/actor.ts'
import type { AuditActor } from '#contract/audit.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Invocation, InvocationResult } from './behaviour.ts'

/** The one way to write a record, as flows see it. */
export type Invoke = (
  call: Invocation & {
    readonly actor: Actor
    readonly requestId: string
    readonly onBehalfOf?: AuditActor
  },
) => Promise<Outcome<InvocationResult>>

/** Several writes in one transaction, all or none; a refusal of several carries the position of the refused one as `details.call`. */
export type InvokeAll = (
  calls: readonly (Invocation & { readonly actor: Actor; readonly requestId: string })[],
) => Promise<Outcome<readonly InvocationResult[]>>
