import type { OrganizationRow } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import { collectNow } from './method-behaviours.ts'

const mostSubscriptions = 100

/**
 * after organization.update: with an organization that is closed end its subscriptions at once. What was used is invoiced with the period as
 * ever, and what is open is collected by the card that is kept; to give it up instead, operators void it.
 */
export const endWithOrganization: Behaviour = async (context) => {
  const before = context.before as unknown as OrganizationRow
  const after = context.after as unknown as OrganizationRow
  if (after.status !== 'closed' || before.status === 'closed') return undefined
  const { items } = await context.records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: after.id },
      { field: 'status', op: 'ne', value: 'ended' },
    ],
    limit: mostSubscriptions,
  })
  for (const { id } of items) {
    const input = { status: 'ended' }
    const ended = await context.invoke({ module: 'subscription', action: 'update', id, input })
    if (!ended.ok) return ended
  }
  return collectNow(context, after.id)
}
