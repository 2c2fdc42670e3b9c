import { Cron } from 'croner'
import { accept, refuseFields } from '#contract/outcome.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'

const refused = refuseFields([
  {
    field: 'schedule',
    reason: 'must be a cron rule of five fields (minute hour day month weekday, UTC), such as "0 3 * * *"',
  },
])

/** Reads rules of cron. Seconds and nicknames (`@daily`) are left out, so that every rule means the same to every other cron. */
export const readCron: ReadRecurrence = (rule) => {
  if (rule.length > 200 || rule.trim().split(/\s+/).length !== 5) return refused
  try {
    const cron = new Cron(rule, { paused: true, timezone: 'UTC', mode: '5-part' })
    if (cron.nextRun(new Date(0)) === null) return refused
    return accept({ after: (ms) => cron.nextRun(new Date(ms))?.getTime() })
  } catch {
    return refused
  }
}
