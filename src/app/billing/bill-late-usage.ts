import type { BillingDependencies } from './dependencies.ts'
import { trueUpLines, trueUpNotes } from './finalize-due.ts'
import type { IssueInvoice } from './issue-invoice.ts'
import { trueUpsOf } from './late-usage.ts'

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
    for (const id of ids) if (await billEnded(deps, issue, id, upTo)) issued += 1
    after = ids.at(-1) ?? ''
  }
}

async function billEnded(
  deps: BillingDependencies,
  issue: IssueInvoice,
  subscriptionId: string,
  upTo: number,
): Promise<boolean> {
  const { records, log } = deps
  const subscription = await records.get('subscription', subscriptionId)
  if (subscription?.status !== 'ended') return false
  const drafts = await records.list('invoice', {
    where: [
      { field: 'subscription_id', op: 'eq', value: subscription.id },
      { field: 'status', op: 'eq', value: 'draft' },
    ],
    limit: 1,
  })
  if (drafts.items.length > 0) return false
  const ups = await trueUpsOf(deps, subscription, upTo)
  const [first] = ups
  if (first === undefined) return false
  const { currency } = first.invoice
  const lines = trueUpLines(currency, ups)
  const also = ups.flatMap((up) => trueUpNotes(deps, up))
  const done =
    lines.length === 0
      ? await deps.invokeAll(also)
      : await issue({
          organizationId: subscription.organization_id,
          kind: 'true_up',
          origin: `true_up:${subscription.id}:${upTo}`,
          currency,
          lines,
          subscription,
          original: first.invoice,
          also,
        })
  if (!done.ok)
    log.error({ subscription: subscription.id, reason: done.message }, 'late usage was not billed')
  return done.ok && lines.length > 0
}
