import type { Actor } from '#contract/actor.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Invocation, InvocationResult } from './behaviour.ts'

/** The one way to write a record, as flows see it. */
export type Invoke = (
  call: Invocation & { readonly actor: Actor; readonly requestId: string },
) => Promise<Outcome<InvocationResult>>
