import { type Refusal, refuse } from '#contract/outcome.ts'
import type { SubscriptionRow } from '#contract/rows.gen.ts'
import { servedStatuses } from '#domain/subscription-standing.ts'
import type { Records } from '#ports/records.ts'

/** Refuses a second subscription of an organization to an API that is, or may still be, served: it would be charged beside the first. */
export async function refuseSecond(
  records: Pick<Records, 'list'>,
  {
    id,
    organization_id,
    api_id,
  }: Pick<SubscriptionRow, 'organization_id' | 'api_id'> & { readonly id?: string },
): Promise<Refusal | undefined> {
  const { items } = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: organization_id },
      { field: 'api_id', op: 'eq', value: api_id },
      { field: 'status', op: 'in', value: servedStatuses },
    ],
    limit: 2,
  })
  const other = items.find((one) => one.id !== id)
  if (other === undefined) return undefined
  return refuse('conflict', 'The organization already has a subscription to this API', {
    field: 'organization_id',
    subscription_id: other.id,
  })
}
