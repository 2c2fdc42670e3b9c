import type { Outcome } from '#contract/outcome.ts'

/** A rule by which times come again. */
export interface Recurrence {
  /** The first time after another, milliseconds UTC; undefined when there is none any more. */
  after(ms: number): number | undefined
}

/** Reads a rule in the five fields of cron (minute, hour, day, month, weekday), in UTC; refuses what is none, or never comes. */
export type ReadRecurrence = (rule: string) => Outcome<Recurrence>
