import type { Refusal } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { graceEndMs, nextTryMs } from '#domain/billing/dunning.ts'
import { payableStatuses } from '#domain/billing/invoice-status.ts'
import { isHardDecline } from '#domain/payments/decline.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'

type Invoice = Rows['invoice']
const usualGraceDays = 7

/**
 * after payment.follow: a saved card that was declined is tried again later or not at all, and what it was to pay for is past due from now
 * on; all of it in the transaction in which the payment fails.
 */
export const planNextTry: Behaviour = async (context) => {
  const payment = context.after as unknown as Rows['payment']
  if (payment.method !== 'saved' || payment.status !== 'failed') return undefined
  const { records, invoke, now } = context
  const { decline_code: declineCode, payment_method_id: methodId, wanted_by } = payment
  if (methodId !== null && isHardDecline(declineCode)) {
    const input = { decline_code: declineCode }
    const noted = await invoke({ module: 'payment_method', action: 'note_decline', id: methodId, input })
    if (!noted.ok) return noted
  }
  const invoice = await records.get('invoice', payment.invoice_id)
  if (invoice === undefined || !payableStatuses.includes(invoice.status)) return undefined
  const isByItself = wanted_by === 'schedule'
  // What customers try themselves leaves the plan as it is, unless the card is of no use any more.
  if (!isByItself && !isHardDecline(declineCode)) return undefined
  const failures = invoice.collect_failures + (isByItself ? 1 : 0)
  const next = nextTryMs({ failures, declineCode, atMs: now })
  const input = {
    collect_at: next === undefined ? null : new Date(next).toISOString(),
    collect_failures: failures,
  }
  const planned = await invoke({ module: 'invoice', action: 'plan_collection', id: invoice.id, input })
  if (!planned.ok) return planned
  return isByItself ? fallPastDue(context, invoice) : undefined
}

/** after invoice.fall_overdue: what it was for is past due. */
export const dunSubscription: Behaviour = (context) =>
  fallPastDue(context, context.after as unknown as Invoice)

async function fallPastDue(context: BehaviourContext, invoice: Invoice): Promise<Refusal | undefined> {
  const { records, invoke, now } = context
  const subscription =
    invoice.subscription_id === null ? undefined : await records.get('subscription', invoice.subscription_id)
  if (subscription === undefined || !['active', 'trialing'].includes(subscription.status)) return undefined
  const setting = async (key: string) => (await records.getBy('setting', 'key', key))?.value
  const plan = await records.get('plan', subscription.plan_id)
  const graceDays = Number((await setting('billing.grace_days')) || usualGraceDays)
  const dueAtMs = invoice.due_at === null ? now : Date.parse(invoice.due_at)
  const done = await invoke({
    module: 'subscription',
    action: 'fall_past_due',
    id: subscription.id,
    input: {
      grace_until: new Date(graceEndMs(now, dueAtMs, graceDays)).toISOString(),
      dunning_policy: plan?.dunning_policy ?? ((await setting('billing.dunning_policy')) || 'block'),
    },
  })
  return done.ok ? undefined : done
}

/** after invoice.settle, .take_credit and .void: who owes nothing any more is served as before, from the very next request on. */
export const recoverSubscription: Behaviour = async (context) => {
  const { records, invoke } = context
  const { id, status, subscription_id } = context.after as unknown as Invoice
  if (subscription_id === null || (status !== 'paid' && status !== 'void')) return undefined
  const subscription = await records.get('subscription', subscription_id)
  if (subscription?.status !== 'past_due') return undefined
  const { items } = await records.list('invoice', {
    where: [
      { field: 'subscription_id', op: 'eq', value: subscription_id },
      { field: 'status', op: 'in', value: [...payableStatuses] },
    ],
    limit: 100,
  })
  const owed = items.filter((one) => one.id !== id && (one.status === 'overdue' || one.collect_failures > 0))
  if (owed.length > 0) return undefined
  const done = await invoke({ module: 'subscription', action: 'recover', id: subscription_id })
  return done.ok ? undefined : done
}
