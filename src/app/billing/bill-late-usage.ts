import type { BillingDependencies } from './dependencies.ts'
import type { IssueInvoice } from './issue-invoice.ts'
import { trueUpsOf } from './late-usage.ts'
import { issueTrueUps } from './true-up.ts'

const subscriptionsAtOnce = 200

/**
 * Bills late usage of subscriptions that have ended, and so get no further invoice that it could stand on. Answers how many invoices it
 * made; late usage of the others waits for their next one.
 */
export async function billLateUsage(deps: BillingDependencies, issue: IssueInvoice): Promise<number> {
  // Closes nothing: it asks how far usage has arrived.
  const upTo = await deps.cutOff.closeBefore(0)
  let issued = 0
  let after = ''
  for (;;) {
    const ids = await deps.cutOff.lateSubscriptions(after, subscriptionsAtOnce)
    if (ids.length === 0) return issued
    for (const id of ids) issued += await billEnded(deps, issue, id, upTo)
    after = ids.at(-1) ?? ''
  }
}

async function billEnded(
  deps: BillingDependencies,
  issue: IssueInvoice,
  subscriptionId: string,
  upTo: number,
): Promise<number> {
  const { records } = deps
  const subscription = await records.get('subscription', subscriptionId)
  if (subscription?.status !== 'ended') return 0
  const drafts = await records.list('invoice', {
    where: [
      { field: 'subscription_id', op: 'eq', value: subscription.id },
      { field: 'status', op: 'eq', value: 'draft' },
    ],
    limit: 1,
  })
  if (drafts.items.length > 0) return 0
  return issueTrueUps(deps, issue, subscription, await trueUpsOf(deps, subscription, upTo))
}
