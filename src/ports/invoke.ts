import type { Actor } from '#contract/actor.ts'
import type { AuditActor } from '#contract/audit.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Invocation, InvocationResult } from './behaviour.ts'
import type { Transaction } from './transaction.ts'

/** A call of an action, with who asks and for which request. */
export type Call = Invocation & {
  readonly actor: Actor
  readonly requestId: string
  readonly onBehalfOf?: AuditActor
  /** Runs in the transaction, after everything else: what must be true if and only if the write is. */
  readonly beforeCommit?: (transaction: Transaction, result: InvocationResult) => Promise<void>
}

/** The one way to write a record, as flows see it. */
export type Invoke = (call: Call) => Promise<Outcome<InvocationResult>>

/** Several writes in one transaction, all or none; a refusal of several carries the position of the refused one as `details.call`. */
export type InvokeAll = (calls: readonly Call[]) => Promise<Outcome<readonly InvocationResult[]>>
