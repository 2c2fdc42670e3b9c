import type { Actor } from '#contract/actor.ts'
import type { Invocation } from '#ports/behaviour.ts'

/** A call inside a transaction. */
export interface InnerCall extends Invocation {
  readonly actor: Actor
  readonly ifMatch?: string
  /** The engine empties a ref whose record goes: what is immutable to everybody else lets go of it. */
  readonly isRelease?: boolean
}
