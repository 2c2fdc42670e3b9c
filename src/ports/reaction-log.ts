import type { DomainEvent } from '#contract/events.ts'

/** One event that one reaction is still to be called with. */
export interface ReactionCall {
  readonly reaction: string
  readonly event: DomainEvent
}

/** What names a call. */
export type ReactionCallKey = { readonly reaction: string; readonly seq: number }

/** What reactions are still to be called with, kept until it is done. */
export interface ReactionLog {
  /** Keeps calls; those that are known stay as they are. */
  add(calls: readonly ReactionCall[]): Promise<void>
  /**
   * Calls whose turn it is, of each record the earliest one for each reaction, and whose job was not put into the queue since `before`
   * (milliseconds UTC).
   */
  ready(before: number, limit: number): Promise<readonly ReactionCallKey[]>
  queued(call: ReactionCallKey, at: number): Promise<void>
  /** The event of a call that is not done, given up or not. */
  find(call: ReactionCallKey): Promise<DomainEvent | undefined>
  done(call: ReactionCallKey): Promise<void>
  /** Gives a call up: those after it have their turn. */
  failed(call: ReactionCallKey, at: number): Promise<void>
  /** Forgets what was given up before a time. */
  prune(before: number): Promise<void>
}
