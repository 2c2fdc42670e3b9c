import type { UsageEvent } from '#contract/usage-event.ts'

/** Remembers when keys were last used, and writes it down in batches. */
export interface KeyUse {
  note(events: readonly UsageEvent[]): void
  /** Writes down what is remembered, when it is time to. */
  flushDue(): Promise<void>
  /** Writes down all that is remembered; what cannot be written is remembered on. */
  flush(): Promise<void>
}
