import { accept } from '#contract/outcome.ts'
import { capMicros, minorOf } from '#domain/limit/spend.ts'
import { formatMoney } from '#domain/money.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { ReadRecurrence } from '#ports/recurrence.ts'
import { ownersOf } from './key-notices.ts'
import type { ReadSpending, Spending } from './spending.ts'

const jobName = 'spending.alert'
const everyMinute = '* * * * *'
const capped = [{ field: 'spend_cap', op: 'gt', value: 0 }] as const
const levels = [100, 80, 50] as const

/**
 * Tells owners when their organization has reached 50, 80 and 100 % of its cap: each level once a month, and only the highest of those
 * that are reached between two looks. Looks once a minute while there is an organization with a cap.
 */
export function scheduleSpendAlerts(deps: {
  readonly queue: Pick<JobQueue, 'register' | 'recurring'>
  readonly records: Records
  readonly readSpending: ReadSpending
  readonly sendMail: SendMail
  readonly readRecurrence: ReadRecurrence
}): void {
  const { queue, records } = deps
  queue.register(jobName, async ({ signal }) => {
    for await (const { id } of records.each('organization', capped)) {
      if (signal.aborted) break
      const spending = await deps.readSpending(id)
      if (spending !== undefined) await tell(deps, spending)
    }
    return accept(undefined)
  })
  const read = deps.readRecurrence(everyMinute)
  const schedules = read.ok
    ? [{ schedule: 'spend alerts', recurrence: read.value, name: jobName, payload: {} }]
    : []
  queue.recurring(async () => {
    const { items } = await records.list('organization', { where: capped, limit: 1 })
    return items.length === 0 ? [] : schedules
  })
}

async function tell(
  { records, sendMail }: { readonly records: Records; readonly sendMail: SendMail },
  { organization, month, spent }: Spending,
): Promise<void> {
  const cap = organization.spend_cap ?? 0
  for (const { currency, micros } of spent) {
    const level = levels.find((percent) => micros * 100 >= capMicros(cap, currency) * percent)
    if (level === undefined) continue
    const text = (minor: number): string => formatMoney({ amountMinor: BigInt(minor), currency })
    for (const owner of await ownersOf(records, organization.id))
      await sendMail({
        template: 'spend_alert',
        to: owner.email,
        data: {
          organization: organization.name,
          percent: String(level),
          amount: text(minorOf(micros, currency)),
          limit: text(cap),
          period: month.label,
        },
        dedupeKey: `spend_alert ${organization.id} ${month.label} ${currency} ${level} ${owner.id}`,
      })
  }
}
