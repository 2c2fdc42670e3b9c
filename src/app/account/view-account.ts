import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Records } from '#ports/records.ts'
import { defaultApi } from '../identity/own-organization.ts'
import type { AccountView } from './person.ts'
import { placeOf } from './place.ts'

/** Reads what an account shows of itself, in an organization or, without one, in the person's own. */
export type ViewAccount = (userId: string, organizationId: string | null) => Promise<Outcome<AccountView>>

/** The account as it is at this moment. */
export function createViewAccount({ records }: { readonly records: Records }): ViewAccount {
  return async (userId, organizationId) => {
    const user = await records.get('user', userId)
    if (user === undefined) return refuse('not_found', 'No such account')
    const place = await placeOf(records, user, organizationId)
    const planName = place && (await planNameOf(records, place.organization.id))
    return accept({ user, organization: place?.organization, role: place?.role, planName })
  }
}

async function planNameOf(records: Records, organizationId: string): Promise<string | undefined> {
  const api = await defaultApi(records)
  if (api === undefined) return undefined
  const { items } = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'api_id', op: 'eq', value: api.id },
      { field: 'status', op: 'ne', value: 'ended' },
    ],
    limit: 1,
  })
  const plan = items[0] && (await records.get('plan', items[0].plan_id))
  return plan?.name
}
