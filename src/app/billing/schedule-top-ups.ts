import { accept } from '#contract/outcome.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Records } from '#ports/records.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'
import type { PrepaidCredit } from './prepaid-credit.ts'

const jobName = 'credit.top_up'
const everyMinute = '* * * * *'
const wanted = [{ field: 'top_up_below', op: 'gt', value: 0 }] as const
const prepaid = [{ field: 'payment', op: 'eq', value: 'prepaid' }] as const

/**
 * Tops up who wants it, before the gateway refuses them: looks once a minute while something was sold as prepaid and somebody wants to be
 * topped up. Without prepaid plans the biller's look of every hour is enough.
 */
export function scheduleTopUps(deps: {
  readonly queue: Pick<JobQueue, 'register' | 'recurring'>
  readonly records: Records
  readonly credit: Pick<PrepaidCredit, 'topUp'>
  readonly readRecurrence: ReadRecurrence
}): void {
  const { queue, records, credit } = deps
  queue.register(jobName, async () => {
    await credit.topUp()
    return accept(undefined)
  })
  const read = deps.readRecurrence(everyMinute)
  const schedules = read.ok
    ? [{ schedule: 'top-ups', recurrence: read.value, name: jobName, payload: {} }]
    : []
  queue.recurring(async () => {
    const sold = await records.list('price_version', { where: prepaid, limit: 1 })
    if (sold.items.length === 0) return []
    const wants = await records.list('billing_profile', { where: wanted, limit: 1 })
    return wants.items.length === 0 ? [] : schedules
  })
}
